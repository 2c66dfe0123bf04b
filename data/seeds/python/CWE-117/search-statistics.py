import logging
import time

import tornado.web


class Search(tornado.web.RequestHandler):
    def initialize(self, catalogue):
        self.catalogue = catalogue
        self.logger = logging.getLogger("search")

    def post(self):
        started = time.perf_counter()
        query = self.get_argument("q", "").strip()
        if not query:
            self.set_status(400)
            return
        hits = [item for item in self.catalogue if query in item]
        elapsed = (time.perf_counter() - started) * 1000
        summary = {"query": query, "hits": len(hits)}
        self.logger.info("query=%s took %.1f ms" % (summary["query"], elapsed))
        self.write({"hits": hits})


app = tornado.web.Application([(r"/search", Search, dict(catalogue=["oak", "ash"]))])
