import queue
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs

JOBS = queue.Queue()


class BuildHook(BaseHTTPRequestHandler):
    def do_POST(self):
        size = int(self.headers.get("Content-Length", 0))
        fields = parse_qs(self.rfile.read(size).decode("utf-8"))
        repo = fields.get("repository", [""])[0]
        branch = fields.get("branch", ["main"])[0]

        # put (repo, branch) on JOBS and reply 202 for repositories on
        # github.com; anything else is answered with 403
