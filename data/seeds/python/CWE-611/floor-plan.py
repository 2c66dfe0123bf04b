from aiohttp import web
from lxml import etree


class Plans(web.View):
    plans = {}

    async def put(self):
        name = self.request.match_info["name"]
        text = await self.request.text()
        if not text.strip():
            return web.Response(status=204)
        plan = etree.fromstring(text, parser=etree.XMLParser(dtd_validation=False))
        rooms = {}
        for room in plan.iter("room"):
            rooms[room.get("name")] = float(room.get("w")) * float(room.get("d"))
        self.plans[name] = rooms
        return web.json_response({"rooms": rooms, "area": sum(rooms.values())})


app = web.Application()
app.router.add_view("/plans/{name}", Plans)
