import os

from flask import Flask, Response, abort, request

app = Flask(__name__)
REPORT_DIR = "/srv/reports"


@app.route("/reports/download", methods=["POST"])
def download_report():
    filename = request.form["filename"]
    path = os.path.join(REPORT_DIR, filename)
    if not os.path.exists(path):
        abort(404)
    with open(path, "rb") as report:
        data = report.read()
    return Response(data, mimetype="application/pdf")
