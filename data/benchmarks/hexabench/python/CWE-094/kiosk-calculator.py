from http.server import BaseHTTPRequestHandler, HTTPServer


class Calculator(BaseHTTPRequestHandler):
    def do_POST(self):
        n = int(self.headers.get('content-length', '0'))
        task = self.rfile.read(n).decode('ascii').strip()
        self.send_response(200)
        self.send_header('content-type', 'text/plain')
        self.end_headers()
        # e.g. task = "(17 + 4) * 2": work it out and write the result
