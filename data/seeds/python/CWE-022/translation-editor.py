import json
import os

import tornado.web


class TranslationHandler(tornado.web.RequestHandler):
    def initialize(self, root):
        self.root = root

    def catalogue(self, locale):
        return os.path.join(self.root, "locale", "%s.json" % locale)

    def post(self):
        locale = self.get_body_argument("locale")
        key = self.get_body_argument("key")
        entries = {}
        filename = self.catalogue(locale)
        if os.path.isfile(filename):
            with open(filename, encoding="utf-8") as stream:
                entries = json.load(stream)
        entries[key] = self.get_body_argument("text")
        with open(filename, "w", encoding="utf-8") as stream:
            json.dump(entries, stream, indent=2, sort_keys=True)
        self.finish({"locale": locale, "entries": len(entries)})


application = tornado.web.Application(
    [(r"/translations", TranslationHandler, {"root": "/srv/shop"})]
)
