import yaml
from tornado.web import Application, RequestHandler


def parse(text):
    return yaml.load(text, Loader=yaml.CLoader)


class SchemeHandler(RequestHandler):
    KNOWN = {"red": "#c00", "blue": "#00c", "green": "#0c0"}

    def get(self, scheme):
        colours = parse(scheme)
        if not isinstance(colours, list):
            colours = [colours]
        self.set_header("Content-Type", "text/css")
        for number, colour in enumerate(colours):
            self.write(".c%d { color: %s }\n" % (number, self.KNOWN.get(colour, "#000")))


app = Application([(r"/scheme/(.*)\.css", SchemeHandler)])
