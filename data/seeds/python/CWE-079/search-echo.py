import tornado.web


class SearchHandler(tornado.web.RequestHandler):
    def initialize(self, index):
        self.index = index

    def post(self):
        words = self.get_argument("words")
        matches = [title for title in self.index if words.lower() in title.lower()]
        self.write("<h2>Results for " + words + "</h2>")
        if not matches:
            self.write("<p>Nothing found.</p>")
            return
        self.write("<ol>")
        for title in matches:
            self.write("<li>%s</li>" % title)
        self.write("</ol>")


application = tornado.web.Application(
    [(r"/search", SearchHandler, {"index": ["Tea", "Coffee", "Cocoa"]})]
)
