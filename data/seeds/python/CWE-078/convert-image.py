import subprocess

from fastapi import FastAPI, HTTPException

app = FastAPI()
ORIGINALS = "/srv/photos"
THUMBS = "/srv/thumbs"


@app.post("/thumbnails")
def make_thumbnail(photo: str, width: int = 200):
    command = f"convert {ORIGINALS}/{photo} -resize {width} {THUMBS}/{photo}"
    result = subprocess.run(command, shell=True, capture_output=True, text=True)
    if result.returncode != 0:
        raise HTTPException(status_code=500, detail=result.stderr)
    return {"thumbnail": photo, "width": width}
