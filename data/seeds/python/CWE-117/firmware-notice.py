import logging

from aiohttp import web

log = logging.getLogger("fleet")
routes = web.RouteTableDef()


class Fleet:
    def __init__(self):
        self.failed = set()

    def update_failed(self, serial, reason):
        self.failed.add(serial)
        log.critical("update of %s failed: %s", serial, reason)


fleet = Fleet()


@routes.post("/devices/update-result")
async def update_result(request):
    result = await request.json()
    if not result["ok"]:
        fleet.update_failed(result["serial"], result["reason"])
    return web.json_response({"failed": len(fleet.failed)})


app = web.Application()
app.add_routes(routes)
