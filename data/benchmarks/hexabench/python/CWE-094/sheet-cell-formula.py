from flask import Flask, jsonify, request

app = Flask(__name__)
CELLS = {"A1": 1200.0, "A2": 310.5, "B1": 0.19}


@app.route("/cell", methods=["POST"])
def update_cell():
    name = request.form["cell"]
    formula = request.form["formula"]

    # formulas look like "A1 * B1 + 25": compute the number, using the
    # values in CELLS, and store it as the cell's new value
