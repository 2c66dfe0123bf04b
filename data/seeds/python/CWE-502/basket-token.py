import base64
import pickle

from bottle import Bottle, request

app = Bottle()
PRICES = {"tea": 4.5, "mug": 9.0}


def current_basket():
    token = request.headers.get("X-Basket")
    if token is None:
        return {}
    raw = base64.b64decode(token)
    return pickle.loads(raw)


@app.get("/basket/total")
def total():
    basket = current_basket()
    amount = sum(PRICES.get(item, 0) * count for item, count in basket.items())
    return {"items": len(basket), "total": amount}


app.run(port=8082)
