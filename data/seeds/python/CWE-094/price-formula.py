from flask import Flask, jsonify, request

app = Flask(__name__)


def price_for(amount, steps):
    price = None
    for minimum, value in sorted(steps):
        if amount >= minimum:
            price = value
    return price


@app.route("/prices")
def prices():
    steps_text = request.args["steps"]
    code = compile(steps_text, "<steps>", "eval")
    steps = eval(code)
    amounts = [1, 10, 50, 100]
    return jsonify({str(amount): price_for(amount, steps) for amount in amounts})
