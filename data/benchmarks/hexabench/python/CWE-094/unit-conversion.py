from flask import Flask, request

app = Flask(__name__)


@app.post("/convert")
def convert():
    '''
    Body: {"value": 20, "formula": "value * 1.8 + 32"}
    Apply the formula to the value, answer {"result": ...}
    '''
    data = request.get_json()
    value = data['value']
    formula = data['formula']
    # compute the result
