import logging
from http.server import BaseHTTPRequestHandler, HTTPServer

logging.basicConfig(level="INFO")


class PingHandler(BaseHTTPRequestHandler):
    """Devices call this once an hour."""

    def do_GET(self):
        firmware = self.headers.get("X-Firmware")
        address = self.client_address[0]
        # log address and firmware
