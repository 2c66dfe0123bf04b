import os
import tarfile

from flask import Flask, jsonify

app = Flask(__name__)

BACKUPS = "/var/backups/sites"
SITE_ROOT = "/srv/www"


@app.route("/backups/<archive>/restore", methods=["PUT"])
def restore(archive):
    """Unpack a backup over the live site and report how many files it had."""
    # open the tarball from BACKUPS and put all of its files into SITE_ROOT
