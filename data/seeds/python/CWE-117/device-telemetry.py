import json
import logging
from http.server import BaseHTTPRequestHandler, HTTPServer

logging.basicConfig(level=logging.DEBUG)


class Telemetry(BaseHTTPRequestHandler):
    readings = {}

    def do_POST(self):
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        reading = json.loads(raw)
        device = reading["device"]
        logging.debug("reading from {}: {}".format(device, reading["value"]))
        self.readings[device] = reading["value"]
        self.send_response(204)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("0.0.0.0", 9100), Telemetry).serve_forever()
