import pickle

from flask import Flask, flash, redirect, request

from player import library

app = Flask(__name__)


@app.route("/playlists/import", methods=["POST"])
def import_playlist():
    exported = request.files["playlist"]
    # the export is a pickled list of track ids; load it and add every
    # track to the library
