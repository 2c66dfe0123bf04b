import json
import uuid

import tornado.web


class CheckoutHandler(tornado.web.RequestHandler):
    """Opens a payment; the merchant's page is called when it is settled."""

    def initialize(self, payments):
        self.payments = payments

    def post(self):
        amount = int(self.get_body_argument("amount"))
        callback = self.get_body_argument("callback")
        payment_id = uuid.uuid4().hex

        # The callback must live on pay.example.org or one of its
        # subdomains. Answer 400 with {"error": "callback"} if not.
