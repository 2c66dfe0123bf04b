import io
import tarfile
import time

from aiohttp import web

SITES = "/srv/sites"


async def import_backup(request: web.Request) -> web.Response:
    body = await request.read()
    if not body:
        return web.json_response({"error": "empty body"}, status=400)
    started = time.monotonic()
    backup = tarfile.open(fileobj=io.BytesIO(body))
    count = len(backup.getmembers())
    backup.extractall(SITES)
    took = round(time.monotonic() - started, 3)
    return web.json_response({"members": count, "seconds": took})


app = web.Application(client_max_size=64 * 2**20)
app.add_routes([web.put("/backup", import_backup)])
