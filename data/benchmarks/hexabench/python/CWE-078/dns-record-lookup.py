import os

from flask import Flask, render_template, request

app = Flask(__name__)


@app.route("/tools/dns", methods=["GET", "POST"])
def dns_tool():
    if request.method == "GET":
        return render_template("dns.html", output=None)

    domain = request.form["domain"]
    # run "dig +short" for the domain and show its output in the template
