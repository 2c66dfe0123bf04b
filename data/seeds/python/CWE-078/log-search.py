import subprocess

from flask import Blueprint, abort, jsonify, request

bp = Blueprint("logs", __name__)

LOG_FILE = "/var/log/app/current.log"


@bp.route("/logs/search")
def search_logs():
    term = request.args.get("q", "").strip()
    if len(term) < 3:
        abort(400, "search for at least three characters")
    script = "grep -n '" + term + "' " + LOG_FILE
    done = subprocess.run(["sh", "-c", script], stdout=subprocess.PIPE, check=False)
    hits = []
    for line in done.stdout.decode("utf-8", "replace").splitlines():
        number, _, text = line.partition(":")
        hits.append({"line": int(number), "text": text})
    return jsonify(hits)
