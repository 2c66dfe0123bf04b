from flask import Blueprint, current_app, jsonify, request

bp = Blueprint("flags", __name__)


@bp.route("/flags/<name>")
def set_flag(name):
    value = request.args.get("value", "False")
    scope = {}
    exec(f"flag = {value}", scope)
    flags = current_app.config.setdefault("FLAGS", {})
    flags[name] = scope["flag"]
    return jsonify(flags)
