import flask

app = flask.Flask(__name__)
RESULTS = {"essay": 71, "oral": 64, "project": 88}


def weighted(weights):
    total = sum(weights.get(part, 0) * points for part, points in RESULTS.items())
    return total / (sum(weights.values()) or 1)


@app.route("/score")
def score():
    header = flask.request.headers.get("X-Weights", "{'essay': 1}")
    weights = eval(header, {}, {})
    return {"score": round(weighted(weights), 1)}
