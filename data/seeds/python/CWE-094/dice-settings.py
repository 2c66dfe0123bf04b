import random

import tornado.ioloop
import tornado.web


class DiceHandler(tornado.web.RequestHandler):
    defaults = {"sides": 6, "count": 2}

    def settings(self):
        chosen = dict(self.defaults)
        text = self.get_query_argument("settings", "")
        if text:
            chosen.update(eval(text))
        return chosen

    def get(self):
        settings = self.settings()
        rolls = [random.randint(1, settings["sides"]) for _ in range(settings["count"])]
        self.write({"rolls": rolls, "sum": sum(rolls)})


if __name__ == "__main__":
    tornado.web.Application([(r"/roll", DiceHandler)]).listen(8000)
    tornado.ioloop.IOLoop.current().start()
