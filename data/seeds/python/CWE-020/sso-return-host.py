import json
import re
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlparse


class SignOn(BaseHTTPRequestHandler):
    def do_GET(self):
        query = parse_qs(urlparse(self.path).query)
        service = query.get("service", [""])[0]
        portal = None
        if re.search(r"^https://staff.portal.acme-tools.com(/|$)", service):
            portal = "staff"
        elif re.search(r"^https://dealer.portal.acme-tools.com(/|$)", service):
            portal = "dealer"
        if portal:
            self.answer(200, {"portal": portal, "service": service})
            return
        self.answer(403, {"error": "unknown service"})

    def answer(self, status, body):
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps(body).encode("utf-8"))


if __name__ == "__main__":
    HTTPServer(("127.0.0.1", 8080), SignOn).serve_forever()
