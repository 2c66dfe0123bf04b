import re

from tornado.web import Application, HTTPError, RequestHandler

ARTICLES = [
    {"title": "Bread", "tags": {"food", "baking"}},
    {"title": "Bikes", "tags": {"sport"}},
]


class TagHandler(RequestHandler):
    pattern = re.compile(r"^[A-z]+$")

    def check(self, tag):
        if not self.pattern.match(tag):
            raise HTTPError(400, "a tag has letters only")
        return tag.lower()

    def get(self, tag):
        wanted = self.check(tag)
        titles = [item["title"] for item in ARTICLES if wanted in item["tags"]]
        self.write({"tag": wanted, "titles": titles})


application = Application([(r"/tags/([^/]+)", TagHandler)])
