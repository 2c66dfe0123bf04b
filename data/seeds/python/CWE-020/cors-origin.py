from flask import Flask, jsonify, request

app = Flask(__name__)

INVOICES = [
    {"number": "2024-001", "total": 129.0},
    {"number": "2024-002", "total": 54.5},
]


@app.route("/api/invoices")
def invoices():
    return jsonify(INVOICES)


@app.after_request
def allow_frontend(response):
    origin = request.headers.get("Origin", "")
    if origin.startswith("https://app.ledgerly.com"):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
    return response


if __name__ == "__main__":
    app.run()
