import logging
import uuid

from flask import Blueprint, jsonify, request

bp = Blueprint("intake", __name__)
log = logging.getLogger("intake")


@bp.route("/intake", methods=["POST"])
def intake():
    stored = []
    for field in ("invoice", "contract"):
        if field not in request.files:
            continue
        upload = request.files[field]
        key = uuid.uuid4().hex
        upload.save("/srv/intake/" + key)
        log.info("stored %s as %s", upload.filename, key)
        stored.append(key)
    if not stored:
        return jsonify(error="nothing was sent"), 400
    return jsonify(stored=stored)
