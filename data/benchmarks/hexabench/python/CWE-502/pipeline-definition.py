from flask import Flask, jsonify, request

app = Flask(__name__)
pipelines = []


@app.post("/pipelines")
def add_pipeline():
    definition = request.data.decode("utf-8")

    # the definition is YAML with the keys name and stages:
    # load it, add it to pipelines and return the names of the stages
