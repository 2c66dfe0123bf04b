from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler

import jsonpickle


@dataclass
class Note:
    title: str
    text: str


class SyncHandler(BaseHTTPRequestHandler):
    notes = {}

    def do_PUT(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        # decode the list of notes in the body and file them under their titles
