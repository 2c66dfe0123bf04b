import logging
import os
import shutil

from flask import Blueprint, jsonify, request

bp = Blueprint("models", __name__, url_prefix="/models")
log = logging.getLogger(__name__)


class ModelStore:
    def __init__(self, root):
        self.root = root

    def folder(self, name, version):
        return os.path.join(self.root, name, "v" + version)

    def drop(self, name, version):
        folder = self.folder(name, version)
        shutil.rmtree(folder)
        log.info("a model version was dropped")


store = ModelStore("/srv/models")


@bp.delete("/versions")
def drop_version():
    body = request.get_json()
    try:
        store.drop(body["model"], body["version"])
    except OSError:
        return jsonify(error="could not remove it"), 409
    return jsonify(ok=True)
