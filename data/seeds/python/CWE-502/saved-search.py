import base64
import pickle

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/search")
def search():
    packed = request.args.get("saved")
    if not packed:
        return jsonify(filters={})
    filters = pickle.loads(base64.urlsafe_b64decode(packed))
    return jsonify(filters=filters)


if __name__ == "__main__":
    app.run()
