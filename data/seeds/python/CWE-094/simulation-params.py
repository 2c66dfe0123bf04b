import math

from flask import Flask, jsonify, request

app = Flask(__name__)


class Pendulum:
    length = 1.0
    angle = 0.2

    def period(self):
        base = 2 * math.pi * math.sqrt(self.length / 9.81)
        return base * (1 + self.angle**2 / 16)


@app.get("/pendulum")
def pendulum():
    model = Pendulum()
    for name in ("length", "angle"):
        given = request.args.get(name)
        if given is not None:
            exec("model.%s = %s" % (name, given))
    return jsonify(length=model.length, angle=model.angle, period=model.period())
