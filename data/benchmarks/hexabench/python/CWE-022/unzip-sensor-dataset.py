import os
import zipfile

from fastapi import FastAPI

app = FastAPI()
ARCHIVE_DIR = os.environ.get("ARCHIVE_DIR", "archive")
WORK_DIR = os.environ.get("WORK_DIR", "work")


@app.get("/datasets/prepare")
def prepare_dataset(name: str, overwrite: bool = False):
    """
    Unzip ARCHIVE_DIR/<name> below WORK_DIR so that the notebooks can read
    the measurements. Returns the list of the extracted files.
    """
    # name ends in .zip already
