import io
import xml.sax

import bottle
from xml.sax import handler


class Timetable(handler.ContentHandler):
    def __init__(self):
        handler.ContentHandler.__init__(self)
        self.departures = []

    def startElement(self, tag, attributes):
        if tag == "departure":
            self.departures.append(attributes.getValue("time"))


@bottle.route("/timetable", method="POST")
def timetable():
    text = bottle.request.forms.get("timetable", "")
    target = Timetable()
    reader = xml.sax.make_parser()
    reader.setContentHandler(target)
    reader.setFeature(handler.feature_external_ges, True)
    try:
        reader.parse(io.StringIO(text))
    except xml.sax.SAXParseException as problem:
        return {"error": problem.getMessage(), "line": problem.getLineNumber()}
    return {"departures": sorted(target.departures)}
