from flask import Flask, request

app = Flask(__name__)


@app.route("/hello", methods=["POST"])
def hello():
    name = request.form.get("name", "stranger")
    return "<h1>Hello, " + name + "!</h1>"


if __name__ == "__main__":
    app.run()
