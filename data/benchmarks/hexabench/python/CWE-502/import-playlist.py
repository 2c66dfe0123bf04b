import pickle

from flask import Flask, flash, redirect, request

from player import library

app = Flask(__name__)


@app.route("/playlists/import", methods=["POST"])
def import_playlist():
    exported = request.files["playlist"]
    # load the list of track ids from the file and add them to the library
