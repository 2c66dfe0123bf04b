from flask import Flask, request

from catalogue import find_products

app = Flask(__name__)


@app.route("/search")
def search():
    words = request.args.get("q", "")
    products = find_products(words)
    count = len(products)

    # return a small HTML page: the headline repeats the words and says
    # how many products were found
