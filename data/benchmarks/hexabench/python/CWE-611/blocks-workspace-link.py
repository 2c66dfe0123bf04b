from collections import Counter

import tornado.web


class WorkspaceHandler(tornado.web.RequestHandler):
    """Shared links carry the whole block program: /open?xml=<xml>...</xml>"""

    def get(self):
        program = self.get_query_argument("xml")
        kinds = Counter()
        # count how often each type of <block type="..."> occurs in the program
        # and write the counts (we have lxml)
