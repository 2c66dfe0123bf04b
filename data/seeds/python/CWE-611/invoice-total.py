from flask import Flask, jsonify, request
from lxml import etree

app = Flask(__name__)


@app.route("/invoices", methods=["POST"])
def invoice():
    root = etree.fromstring(request.data)
    total = 0.0
    for position in root.iter("position"):
        total += float(position.get("price")) * int(position.get("count", "1"))
    return jsonify(total=round(total, 2))


if __name__ == "__main__":
    app.run()
