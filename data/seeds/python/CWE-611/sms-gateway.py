import logging

from flask import Flask, request
from lxml import etree

app = Flask(__name__)
log = logging.getLogger("sms")
delivered = set()


@app.post("/sms/notice")
def notice():
    xml = request.form.get("xml")
    if not xml:
        return "missing", 400
    try:
        message = etree.fromstring(xml)
        number = message.find("number").text
        state = message.find("state").text
    except (etree.XMLSyntaxError, AttributeError):
        log.error("a notice could not be read")
        return "unreadable", 422
    if state == "delivered":
        delivered.add(number)
    return "ok"
