import json
from typing import Any

from flask import Flask, request

app = Flask(__name__)
TABLES = "i18n/tables"
FALLBACK = "en"


@app.get("/ui/strings")
def ui_strings() -> dict[str, Any]:
    """The texts of the user interface in the language of the client."""
    language = request.headers.get("X-Ui-Language", FALLBACK)
    # each language has a file TABLES/<language>.json: load and return it
