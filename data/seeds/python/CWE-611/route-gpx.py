import math

from aiohttp import web
from lxml import etree

routes = web.RouteTableDef()
GPX = "{http://www.topografix.com/GPX/1/1}"


def distance(first, second):
    radius = 6371.0
    (lat1, lon1), (lat2, lon2) = first, second
    x = math.radians(lon2 - lon1) * math.cos(math.radians((lat1 + lat2) / 2))
    y = math.radians(lat2 - lat1)
    return radius * math.hypot(x, y)


@routes.post("/tracks/length")
async def track_length(request):
    form = await request.post()
    source = form["gpx"]
    root = etree.fromstring(source.encode("utf-8"))
    points = []
    for point in root.iter(GPX + "trkpt"):
        points.append((float(point.get("lat")), float(point.get("lon"))))
    length = sum(distance(a, b) for a, b in zip(points, points[1:]))
    return web.json_response({"points": len(points), "km": round(length, 3)})


app = web.Application()
app.add_routes(routes)
