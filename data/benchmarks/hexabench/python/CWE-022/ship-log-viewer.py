from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

LOG_DIR = "/data/voyages"


class LogViewer(BaseHTTPRequestHandler):
    def do_GET(self):
        # /2031-04-12.txt -> 2031-04-12.txt
        wanted = unquote(self.path.lstrip("/"))
        if not wanted:
            self.send_error(400, "which day?")
            return
        # answer with the content of that log, which lies in LOG_DIR
