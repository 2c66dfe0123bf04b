import tornado.web
from tornado.options import define, options

define("rounds", default=5, type=int)


class WelcomeHandler(tornado.web.RequestHandler):
    """First page of the quiz."""

    def get(self):
        player = self.get_query_argument("player", "stranger")
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        # welcome the player by name in a heading and say how many rounds
        # there are, then a button that starts the quiz
