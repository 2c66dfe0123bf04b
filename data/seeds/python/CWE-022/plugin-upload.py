import os
import tarfile
import uuid

from flask import Flask, jsonify, request

app = Flask(__name__)
PLUGINS = os.path.join(app.instance_path, "plugins")


@app.post("/plugins")
def install_plugin():
    upload = request.files.get("plugin")
    if upload is None:
        return jsonify(error="no file"), 400
    plugin_id = uuid.uuid4().hex
    home = os.path.join(PLUGINS, plugin_id)
    os.makedirs(home)
    try:
        with tarfile.open(fileobj=upload.stream, mode="r:gz") as bundle:
            bundle.extractall(path=home)
    except tarfile.TarError:
        os.rmdir(home)
        return jsonify(error="not a tar archive"), 415
    return jsonify(id=plugin_id), 201
