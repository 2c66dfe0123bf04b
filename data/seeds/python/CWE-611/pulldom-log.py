import json
import xml.sax
from http.server import BaseHTTPRequestHandler, HTTPServer
from xml.dom import pulldom
from xml.sax.handler import feature_external_ges


def errors(text):
    parser = xml.sax.make_parser()
    parser.setFeature(feature_external_ges, True)
    found = []
    events = pulldom.parseString(text, parser)
    for kind, node in events:
        if kind == pulldom.START_ELEMENT and node.tagName == "error":
            events.expandNode(node)
            found.append(node.toxml())
    return found


class LogHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["Content-Length"])
        text = self.rfile.read(length).decode("utf-8")
        answer = json.dumps(errors(text)).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(answer)


if __name__ == "__main__":
    HTTPServer(("localhost", 8601), LogHandler).serve_forever()
