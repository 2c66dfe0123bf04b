import logging

from flask import Flask, redirect, request

app = Flask(__name__)
logger = logging.getLogger(__name__)

USERS = {"ada": "pbkdf2$1", "linus": "pbkdf2$2"}


@app.route("/login", methods=["POST"])
def login():
    username = request.form["username"]
    if username not in USERS:
        logger.warning("Login failed for user: " + username)
        return redirect("/login?again=1")
    return redirect("/")
