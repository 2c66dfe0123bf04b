import re

from flask import Blueprint, jsonify, request

citations = Blueprint("citations", __name__, url_prefix="/api/citations")


@citations.post("/classify")
def classify():
    """Say whether a citation is an encyclopedia article or some other page.

    Articles look like https://de.wikipedia.org/wiki/Fluss, with the language
    as first label. Returns {"kind": "article"} or {"kind": "web"}.
    """
    link = request.get_json()["link"]
    # match the link with a regular expression
