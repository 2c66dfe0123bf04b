import subprocess
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import unquote


def service_state(unit):
    return subprocess.getoutput("systemctl is-active " + unit)


class StatusHandler(BaseHTTPRequestHandler):
    def do_GET(self):
        unit = unquote(self.path.lstrip("/"))
        if not unit:
            self.send_error(404)
            return
        state = service_state(unit)
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(state.encode())


def main():
    server = HTTPServer(("127.0.0.1", 8085), StatusHandler)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


if __name__ == "__main__":
    main()
