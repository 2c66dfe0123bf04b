from flask import Flask, jsonify, request

app = Flask(__name__)

PRODUCTS = {1: "kettle", 2: "toaster", 3: "lamp"}


@app.route("/products")
def products():
    ids = eval(request.args.get("ids", "[]"))
    return jsonify([PRODUCTS[i] for i in ids if i in PRODUCTS])


if __name__ == "__main__":
    app.run(debug=False)
