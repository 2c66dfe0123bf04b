import bottle
from bottle import request

app = bottle.Bottle()


def read_series(names):
    series = {}
    for name in names:
        raw = request.query.get(name)
        if raw:
            series[name] = eval(raw)
    return series


@app.get("/chart")
def chart():
    series = read_series(["actual", "planned", "previous"])
    if not series:
        bottle.abort(400, "no series given")
    top = max(max(values) for values in series.values())
    return {"series": series, "top": top}
