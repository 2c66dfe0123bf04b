import math

from bottle import post, request, run


@post("/plot")
def plot():
    expression = request.json["f"]         # e.g. "3*x**2 - x + 1"
    left = float(request.json.get("from", -10))
    right = float(request.json.get("to", 10))
    step = (right - left) / 100

    # compute the expression at each of the 101 places from left to right and
    # return {"points": [[x, y], ...]}
