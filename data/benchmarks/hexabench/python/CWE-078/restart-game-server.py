import subprocess

from flask import Flask, jsonify, request
from flask.views import MethodView

app = Flask(__name__)


class WorldApi(MethodView):
    init_every_request = False

    def patch(self):
        change = request.get_json(force=True)
        world = change.get("world")
        if change.get("state") != "restart":
            return jsonify(error="unknown state"), 400
        # docker restart the world's container and return what docker said
