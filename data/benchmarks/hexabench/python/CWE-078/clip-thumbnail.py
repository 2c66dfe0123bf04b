import asyncio

from aiohttp import web

CLIPS = "/media/clips"


async def make_thumbnail(request: web.Request) -> web.Response:
    body = await request.json()
    clip = body["clip"]
    second = float(body.get("second", 1))
    thumbnail = f"{CLIPS}/thumbs/{request['user']}.jpg"

    # grab one frame of the clip at that second:
    # ffmpeg -ss SECOND -i CLIPS/clip -frames:v 1 thumbnail
