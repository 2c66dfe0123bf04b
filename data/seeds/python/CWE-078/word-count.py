import os
import tempfile

from tornado.web import Application, RequestHandler


class CountHandler(RequestHandler):
    def get(self, names):
        counts = {}
        for name in names.split("+"):
            with tempfile.NamedTemporaryFile("r") as result:
                os.system(f"pdftotext /srv/docs/{name}.pdf - | wc -w > {result.name}")
                text = result.read().strip()
            counts[name] = int(text) if text.isdigit() else None
        self.finish(counts)


application = Application([(r"/words/(.+)", CountHandler)])
