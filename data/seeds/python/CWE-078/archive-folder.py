import subprocess

from fastapi import FastAPI, Request
from fastapi.responses import StreamingResponse

app = FastAPI()


def chunks(pipe, size=64 * 1024):
    while True:
        data = pipe.read(size)
        if not data:
            break
        yield data


@app.get("/export")
async def export(request: Request):
    folder = request.query_params.get("folder", "public")
    process = subprocess.Popen(
        ["bash", "-c", "cd /srv/share && tar cz " + folder],
        stdout=subprocess.PIPE,
    )
    return StreamingResponse(chunks(process.stdout), media_type="application/gzip")
