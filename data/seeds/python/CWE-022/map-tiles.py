import base64
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TILE_ROOT = "/var/tiles"


class TileHandler(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers["Content-Length"])
        wanted = json.loads(self.rfile.read(length))
        tiles = []
        for name in wanted["tiles"]:
            with open(os.path.join(TILE_ROOT, name), "rb") as tile:
                tiles.append(base64.b64encode(tile.read()).decode("ascii"))
        body = json.dumps({"tiles": tiles}).encode("utf-8")
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", 8600), TileHandler).serve_forever()
