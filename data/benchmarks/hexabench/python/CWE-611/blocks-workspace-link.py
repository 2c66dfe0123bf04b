from collections import Counter

import tornado.web


class WorkspaceHandler(tornado.web.RequestHandler):
    """Shared links carry the whole block program: /open?xml=<xml>...</xml>"""

    def get(self):
        program = self.get_query_argument("xml")
        kinds = Counter()
        # parse the program (lxml), count how often each type of
        # <block type="..."> occurs in it, and write the counts
