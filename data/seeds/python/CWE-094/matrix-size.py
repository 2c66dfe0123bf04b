from aiohttp import web


def transpose(rows):
    return [list(column) for column in zip(*rows)]


async def handle(request):
    source = request.query.get("matrix", "").strip()
    if not source.startswith("["):
        return web.json_response({"error": "write the matrix as a list"}, status=400)
    rows = eval(source)
    width = {len(row) for row in rows}
    if len(width) > 1:
        return web.json_response({"error": "rows differ in length"}, status=422)
    return web.json_response({"matrix": transpose(rows)})


app = web.Application()
app.add_routes([web.get("/transpose", handle)])
web.run_app(app, port=8070)
