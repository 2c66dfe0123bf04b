import subprocess

from flask import Flask, Response, request

app = Flask(__name__)


def client_address():
    forwarded = request.headers.get("X-Forwarded-For")
    if forwarded:
        return forwarded.split(",")[0]
    return request.remote_addr


@app.get("/trace")
def trace():
    options = {"hops": 12, "wait": 1}
    command = "traceroute -m {hops} -w {wait} ".format(**options)
    command += client_address()
    try:
        report = subprocess.check_output(command, shell=True, stderr=subprocess.STDOUT)
    except subprocess.CalledProcessError as error:
        report = error.output
    return Response(report, mimetype="text/plain")
