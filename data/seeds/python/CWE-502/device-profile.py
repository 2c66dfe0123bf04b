import pickle as pkl
from base64 import urlsafe_b64decode

import flask

app = flask.Flask(__name__)
FIELDS = ("name", "model", "firmware")


@app.route("/profile/<packed>")
def profile(packed):
    values = pkl.loads(urlsafe_b64decode(packed))
    return {field: values.get(field) for field in FIELDS}
