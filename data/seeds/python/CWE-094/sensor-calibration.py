import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qsl, urlsplit

CALIBRATION = {"temperature": (1.0, 0.0), "pressure": (1.0, 0.0)}


class Calibration(BaseHTTPRequestHandler):
    def do_GET(self):
        changes = dict(parse_qsl(urlsplit(self.path).query))
        for sensor in changes:
            factor, offset = eval(changes[sensor])
            CALIBRATION[sensor] = (float(factor), float(offset))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(CALIBRATION).encode())


if __name__ == "__main__":
    HTTPServer(("", 8700), Calibration).serve_forever()
