import json
from http.server import BaseHTTPRequestHandler

LABELS = "/var/spool/labels"


class LabelStation(BaseHTTPRequestHandler):
    """Packing tables post {"printer": ..., "order": ...} when a box is closed."""

    def do_POST(self):
        length = int(self.headers["Content-Length"])
        job = json.loads(self.rfile.read(length))
        printer = job["printer"]
        label = "%s/%d.pdf" % (LABELS, int(job["order"]))

        # send the label to the printer with lp -d and answer 200 or 500,
        # depending on its exit status
