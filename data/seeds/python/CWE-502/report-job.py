import base64
import json
import pickle
from http.server import BaseHTTPRequestHandler, HTTPServer


def run_job(job):
    values = job["values"]
    if job["kind"] == "mean":
        return sum(values) / len(values)
    return max(values)


class Worker(BaseHTTPRequestHandler):
    def do_GET(self):
        header = self.headers.get("X-Job")
        if header is None:
            self.send_error(400, "no job")
            return
        try:
            job = pickle.loads(base64.b64decode(header))
        except pickle.UnpicklingError:
            self.send_error(400, "broken job")
            return
        body = json.dumps({"result": run_job(job)}).encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)


HTTPServer(("", 8500), Worker).serve_forever()
