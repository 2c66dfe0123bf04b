import re

from flask import Flask, abort, jsonify

app = Flask(__name__)
MEMBERS = {"ada": {"joined": 2019}, "grace": {"joined": 2021}}


@app.route("/members/<username>")
def member(username):
    if not re.fullmatch(r"[A-z0-9_]{3,20}", username):
        abort(404)
    record = MEMBERS.get(username.lower())
    if record is None:
        abort(404)
    return jsonify(name=username, **record)
