import re

import tornado.ioloop
import tornado.web

ASSET_URL = re.compile(r"^https?://static.cdn-lumen.com/assets/[\w/-]+\.(js|css)$")


class BundleHandler(tornado.web.RequestHandler):
    bundles = {}

    def put(self, name):
        asset = self.get_query_argument("asset")
        if not ASSET_URL.match(asset):
            self.set_status(400)
            self.finish({"error": "not one of our assets"})
            return
        self.bundles.setdefault(name, []).append(asset)
        self.finish({"bundle": self.bundles[name]})


def make_app():
    return tornado.web.Application([(r"/bundles/([a-z]+)", BundleHandler)])


if __name__ == "__main__":
    make_app().listen(8888)
    tornado.ioloop.IOLoop.current().start()
