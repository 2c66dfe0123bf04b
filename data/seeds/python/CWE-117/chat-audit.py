import logging
from collections import deque

import tornado.web

audit = logging.getLogger("chat.audit")


class MessageHandler(tornado.web.RequestHandler):
    history = deque(maxlen=200)

    def post(self, room):
        author = self.get_body_argument("author")
        text = self.get_body_argument("text")
        self.history.append((room, author, text))
        self.audit_line(author, text)
        self.set_status(204)

    def audit_line(self, author, text):
        audit.info("%s said: %s", author, text)


application = tornado.web.Application([(r"/rooms/([a-z]+)", MessageHandler)])
