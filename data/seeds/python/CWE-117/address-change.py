from flask import Flask, jsonify, request

app = Flask(__name__)
customers = {17: {"city": "Oslo"}, 18: {"city": "Turku"}}


@app.put("/customers/<int:number>/address")
def change_address(number):
    customer = customers.get(number)
    if customer is None:
        return jsonify(error="no such customer"), 404
    body = request.get_json()
    city = body["city"]
    app.logger.info("customer %d moves from %s to %s", number, customer["city"], city)
    customer["city"] = city
    return jsonify(customer)
