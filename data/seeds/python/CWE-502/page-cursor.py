import base64
import marshal

from aiohttp import web

ITEMS = [f"entry {number}" for number in range(500)]


async def entries(request):
    cursor = request.query.get("cursor")
    start, size = 0, 50
    if cursor:
        start, size = marshal.loads(base64.urlsafe_b64decode(cursor))
    chunk = ITEMS[start : start + size]
    following = base64.urlsafe_b64encode(marshal.dumps((start + size, size)))
    return web.json_response({"items": chunk, "next": following.decode()})


app = web.Application()
app.router.add_get("/entries", entries)
