from aiohttp import web
from lxml import etree


async def weather(request):
    body = await request.read()
    parser = etree.XMLParser(recover=True)
    for start in range(0, len(body), 4096):
        parser.feed(body[start : start + 4096])
    report = parser.close()
    stations = {}
    for station in report.iter("station"):
        stations[station.get("id")] = station.findtext("temperature")
    return web.json_response(stations)


app = web.Application()
app.router.add_post("/weather", weather)
web.run_app(app)
