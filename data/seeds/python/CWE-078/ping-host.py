import os

from flask import Flask, jsonify, request

app = Flask(__name__)


@app.route("/ping")
def ping():
    host = request.args.get("host", "localhost")
    status = os.system("ping -c 1 " + host)
    return jsonify(host=host, alive=status == 0)


if __name__ == "__main__":
    app.run(port=5001)
