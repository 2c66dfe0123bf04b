import lxml.etree as ET
from flask import Blueprint, request
from flask.views import MethodView

edi = Blueprint("edi", __name__)


class OrderStatus(MethodView):
    def get(self) -> dict:
        envelope = request.headers["X-Edi-Envelope"].encode("utf-8")
        # sender and reference are attributes of the envelope's root element:
        # read them and return both
