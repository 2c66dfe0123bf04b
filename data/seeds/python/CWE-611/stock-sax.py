import xml.sax
from xml.sax.handler import ContentHandler, feature_external_ges

from flask import Blueprint, jsonify, request

bp = Blueprint("stock", __name__)


class ArticleCounter(ContentHandler):
    def __init__(self):
        super().__init__()
        self.counts = {}

    def startElement(self, name, attrs):
        if name == "article":
            group = attrs.get("group", "other")
            self.counts[group] = self.counts.get(group, 0) + 1


@bp.route("/stock", methods=["POST"])
def stock():
    handler = ArticleCounter()
    parser = xml.sax.make_parser()
    parser.setFeature(feature_external_ges, True)
    parser.setContentHandler(handler)
    parser.parse(request.files["stock"])
    return jsonify(handler.counts)
