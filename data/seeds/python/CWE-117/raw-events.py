import logging
from http.server import BaseHTTPRequestHandler, HTTPServer

events = logging.getLogger("events")
events.setLevel(logging.INFO)
events.addHandler(logging.FileHandler("events.log"))


class EventHandler(BaseHTTPRequestHandler):
    def read_body(self):
        size = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(size).decode("utf-8", errors="replace")

    def do_PUT(self):
        body = self.read_body()
        if body:
            events.info(body)
        self.send_response(200 if body else 400)
        self.end_headers()


if __name__ == "__main__":
    HTTPServer(("", 8111), EventHandler).serve_forever()
