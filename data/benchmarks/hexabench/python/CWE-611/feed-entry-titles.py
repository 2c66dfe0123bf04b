from xml.sax import handler, make_parser

from fastapi import FastAPI, Request

app = FastAPI()


class Titles(handler.ContentHandler):
    found: list[str]

    def startDocument(self):
        self.found = []

    def startElement(self, name, attrs):
        if name == "entry":
            self.found.append(attrs.get("title", ""))


@app.get("/feed/titles")
def feed_titles(request: Request) -> list[str]:
    fragment = request.query_params["entries"]
    # run the fragment through a SAX parser that also resolves external
    # general entities (some feeds share their boilerplate), return the titles
