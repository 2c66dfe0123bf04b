import base64

from flask import Flask, render_template, request

app = Flask(__name__)


class Cart:
    def __init__(self):
        self.lines = []

    def total(self):
        return sum(price * amount for _, price, amount in self.lines)


@app.route("/cart")
def show_cart():
    """The cart object is kept in a cookie, serialised and base64-encoded."""
    raw = request.cookies.get("cart")
    if not raw:
        return render_template("cart.html", cart=Cart())
    data = base64.b64decode(raw)
    # rebuild the cart from data and render cart.html with it
