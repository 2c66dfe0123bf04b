import yaml
from flask import Blueprint, g, jsonify, request

api = Blueprint("api", __name__)


@api.before_request
def load_tenant():
    header = request.headers.get("X-Tenant-Options", "{}")
    g.options = yaml.load(header, yaml.Loader)


@api.get("/limits")
def limits():
    options = g.options
    return jsonify(
        requests=options.get("requests", 100),
        storage=options.get("storage", "1GB"),
    )
