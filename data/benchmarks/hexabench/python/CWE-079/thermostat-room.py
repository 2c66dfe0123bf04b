from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlparse

TEMPERATURES = {"kitchen": 21.5, "attic": 17.0}


class Thermostat(BaseHTTPRequestHandler):

    def do_GET(self):
        query = parse_qs(urlparse(self.path).query)
        room = query.get("room", ["kitchen"])[0]
        degrees = TEMPERATURES.get(room)
        self.send_response(200 if degrees is not None else 404)
        self.send_header("Content-type", "text/html")
        self.end_headers()

        # tell the room and its temperature, or that the room is unknown
