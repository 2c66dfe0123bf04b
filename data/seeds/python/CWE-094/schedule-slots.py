import datetime

from aiohttp import web

routes = web.RouteTableDef()
bookings = {}


def as_time(slot):
    hour, minute = slot
    return datetime.time(hour, minute).isoformat("minutes")


@routes.view("/rooms/{room}/{slots}")
class Room(web.View):
    async def get(self):
        info = self.request.match_info
        slots = eval(info["slots"], {"__builtins__": {}})
        booked = bookings.setdefault(info["room"], [])
        try:
            for slot in slots:
                booked.append(as_time(slot))
        except (TypeError, ValueError):
            raise web.HTTPBadRequest(text="slots look like [(9, 30), (10, 0)]")
        return web.json_response(booked)


app = web.Application()
app.add_routes(routes)
