from typing import Optional

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from pydantic import BaseModel

app = FastAPI(title="cards")


class Profile(BaseModel):
    name: str
    city: Optional[str] = None
    motto: str = ""


@app.post("/card", response_class=HTMLResponse)
def card(profile: Profile):
    lines = [f"<div class='card'><h3>{profile.name}</h3>"]
    if profile.city:
        lines.append(f"<p>{profile.city}</p>")
    if profile.motto:
        lines.append(f"<q>{profile.motto}</q>")
    lines.append("</div>")
    return "\n".join(lines)
