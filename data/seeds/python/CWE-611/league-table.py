from collections import Counter
from xml.dom import minidom
from xml.sax import handler, make_parser

from flask import Flask, jsonify, request

app = Flask(__name__)


def points(home, away):
    if home == away:
        return 1, 1
    return (3, 0) if home > away else (0, 3)


@app.route("/league", methods=["POST"])
def league():
    parser = make_parser()
    parser.setFeature(handler.feature_external_ges, True)
    document = minidom.parseString(request.form["results"], parser=parser)
    table = Counter()
    for match in document.getElementsByTagName("match"):
        home, away = match.getAttribute("home"), match.getAttribute("away")
        goals = match.getAttribute("result").split(":")
        for team, gained in zip((home, away), points(*map(int, goals))):
            table[team] += gained
    return jsonify(table.most_common())
