from lxml import etree
from tornado.web import Application, RequestHandler


class TaxTable(RequestHandler):
    def rates(self, text):
        lines = text.splitlines(keepends=True)
        table = etree.fromstringlist(lines)
        for row in table:
            yield row.get("country"), float(row.get("rate"))

    def post(self):
        rates = dict(self.rates(self.get_body_argument("table")))
        wanted = self.get_body_argument("country", None)
        if wanted is None:
            self.finish({"rates": rates})
        elif wanted in rates:
            self.finish({"rate": rates[wanted]})
        else:
            self.send_error(404)


application = Application([("/tax", TaxTable)])
