import io
import os
import tarfile
import uuid

import tornado.web

ROOT = "/data/sets"


class UploadHandler(tornado.web.RequestHandler):
    def put(self):
        folder = os.path.join(ROOT, uuid.uuid4().hex)
        stream = io.BytesIO(self.request.body)
        try:
            archive = tarfile.open(fileobj=stream, mode="r:bz2")
        except tarfile.ReadError as problem:
            self.set_status(415)
            self.finish({"error": str(problem)})
            return
        with archive:
            archive.extractall(folder, numeric_owner=True)
        self.finish({"folder": os.path.basename(folder)})


application = tornado.web.Application([(r"/sets", UploadHandler)])
