from bottle import Bottle, HTTPError, request
from lxml import etree

app = Bottle()


def drawing_size(stream):
    svg = etree.parse(stream).getroot()
    box = svg.get("viewBox")
    if box:
        _, _, width, height = box.split()
        return float(width), float(height)
    return float(svg.get("width", 0)), float(svg.get("height", 0))


@app.post("/drawings/size")
def size():
    try:
        width, height = drawing_size(request.body)
    except ValueError as problem:
        raise HTTPError(400, "the drawing has no size") from problem
    return {"width": width, "height": height}
