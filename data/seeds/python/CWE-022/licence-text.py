from flask import Flask, request, send_file

app = Flask(__name__)


@app.route("/licence", methods=["POST"])
def licence():
    component = request.values.get("component", "core")
    return send_file("/usr/share/licences/" + component + ".txt", as_attachment=True)
