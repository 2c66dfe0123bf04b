from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO

from lxml import etree

REPLY = "<result>{}</result>"


class SoapHandler(BaseHTTPRequestHandler):
    def envelope(self):
        length = int(self.headers.get("Content-Length", "0"))
        raw = self.rfile.read(length)
        return etree.parse(BytesIO(raw), etree.XMLParser(ns_clean=True))

    def do_POST(self):
        numbers = self.envelope().xpath("//*[local-name()='number']/text()")
        reply = REPLY.format(sum(int(number) for number in numbers))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.end_headers()
        self.wfile.write(reply.encode())


def main(port=8602):
    HTTPServer(("", port), SoapHandler).serve_forever()


if __name__ == "__main__":
    main()
