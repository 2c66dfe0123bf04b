from flask import Flask, jsonify, request

from museum import objects

app = Flask(__name__)


@app.route("/objects")
def search_objects():
    term = request.args.get("term", "")
    century = request.args.get("century", type=int)
    hits = objects.search(term, century)

    # log the term and the number of hits
