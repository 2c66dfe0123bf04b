import base64
import io
import pickle

import tornado.ioloop
import tornado.web


class GameHandler(tornado.web.RequestHandler):
    def load_state(self):
        text = self.get_query_argument("state", None)
        if text is None:
            return {"board": [0] * 9, "turn": 1}
        stream = io.BytesIO(base64.b64decode(text))
        return pickle.load(stream)

    def get(self):
        state = self.load_state()
        free = [field for field, stone in enumerate(state["board"]) if stone == 0]
        self.write({"turn": state["turn"], "free": free})


def main():
    tornado.web.Application([(r"/game", GameHandler)]).listen(8001)
    tornado.ioloop.IOLoop.current().start()


if __name__ == "__main__":
    main()
