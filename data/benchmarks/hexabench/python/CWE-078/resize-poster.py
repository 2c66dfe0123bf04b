import os
from pathlib import Path

from fastapi import FastAPI, Form, status

app = FastAPI()
POSTER = Path("static/poster.png")


@app.post("/poster/resize", status_code=status.HTTP_204_NO_CONTENT)
async def resize_poster(geometry: str = Form("800x600")) -> None:
    """Write static/poster-small.png in the given geometry, e.g. 640x480."""
    target = POSTER.with_name("poster-small.png")
    # ImageMagick: convert SOURCE -resize GEOMETRY TARGET
