import os

from aiohttp import web

RECORDINGS = os.environ.get("RECORDINGS", "/data/calls")


async def fetch_recording(request):
    form = await request.post()
    day, call = form["day"], form["call"]
    location = f"{RECORDINGS}/{day}/{call}.wav"
    if not os.path.isfile(location):
        raise web.HTTPNotFound(text="no such recording")
    return web.FileResponse(location)


app = web.Application()
app.router.add_post("/recordings", fetch_recording)
