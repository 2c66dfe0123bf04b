from pathlib import Path

from fastapi import FastAPI
from pydantic import BaseModel

NOTES = Path("/var/lib/notes")
app = FastAPI()


class Note(BaseModel):
    title: str
    text: str


@app.post("/notes", status_code=201)
def save_note(note: Note):
    target = NOTES / f"{note.title}.md"
    target.write_text(note.text, encoding="utf-8")
    return {"saved": note.title, "bytes": len(note.text)}
