from flask import Flask, abort, request
from lxml import etree

from mapserver.render import draw

app = Flask(__name__)
SLD = "{http://www.opengis.net/sld}"


@app.get("/wms")
def get_map():
    """GetMap with the style in SLD_BODY, as the WMS standard has it."""
    style = request.args.get("SLD_BODY")
    if style is None:
        abort(400, "SLD_BODY is missing")
    bbox = request.args.get("BBOX", "")

    # parse the style and draw the layers that its NamedLayer/Name tags list
