import yaml
from bottle import Bottle, request

app = Bottle()
LEGEND = {"w": "water", "f": "forest", "r": "road"}


@app.get("/legend")
def legend():
    order = request.query.get("order", "w,f,r").split(",")
    extra = yaml.load(request.query.get("extra", "{}"), Loader=yaml.Loader)
    names = dict(LEGEND, **extra)
    return {"legend": [names[key] for key in order if key in names]}
