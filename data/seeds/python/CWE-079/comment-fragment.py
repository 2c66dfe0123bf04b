import json
import time

from tornado.web import Application, HTTPError, RequestHandler


class CommentHandler(RequestHandler):
    FRAGMENT = '<div class="comment" data-at="{at}"><b>{author}</b> {text}</div>'

    def post(self):
        try:
            data = json.loads(self.request.body)
        except ValueError:
            raise HTTPError(400)
        fragment = self.FRAGMENT.format(
            at=int(time.time()), author=data["author"], text=data["text"]
        )
        self.set_status(201)
        self.finish(fragment)


app = Application([("/comments", CommentHandler)])
