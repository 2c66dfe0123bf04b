import re

from aiohttp import web

routes = web.RouteTableDef()
playlist = []


@routes.get("/playlist/add")
async def add_video(request):
    link = request.query.get("link", "").strip()
    found = re.match(r"https://(www|m).clipstream.com/watch/(?P<video>\d+)", link)
    if found is None:
        raise web.HTTPBadRequest(text="paste a link to a video")
    playlist.append({"id": int(found.group("video")), "link": link})
    return web.json_response({"length": len(playlist)})


app = web.Application()
app.add_routes(routes)
