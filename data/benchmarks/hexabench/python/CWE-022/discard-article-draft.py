import os
import tornado.ioloop
import tornado.web

DRAFTS = os.path.join(os.path.dirname(__file__), "drafts")


class DraftHandler(tornado.web.RequestHandler):

    def get(self):
        self.write({"drafts": sorted(os.listdir(DRAFTS))})

    def delete(self):
        draft = self.get_query_argument("file")
        # delete the draft; 204 when done, 404 if there is none of that name
