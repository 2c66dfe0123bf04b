from flask import Flask, abort, flash, redirect, request

from school.models import Lesson, db

app = Flask(__name__)


@app.post("/lessons/new")
def new_lesson():
    title = request.form["title"]
    video = request.form["video"]
    lesson = Lesson(title=title)

    # our player understands www.youtube.com only: keep the link in
    # lesson.video if it goes there, abort with 400 if it does not
