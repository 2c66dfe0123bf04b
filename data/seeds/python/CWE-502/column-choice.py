import base64
import pickle
from typing import Iterable

from fastapi import FastAPI

app = FastAPI()
ROWS = [{"id": 1, "name": "bolt", "stock": 40}, {"id": 2, "name": "nut", "stock": 12}]


class Columns:
    def __init__(self, token: str):
        self.names = pickle.loads(base64.b64decode(token))

    def apply(self, rows: Iterable[dict]) -> list[dict]:
        return [{name: row[name] for name in self.names} for row in rows]


@app.get("/table/{token}")
def table(token: str):
    return Columns(token).apply(ROWS)
