from aiohttp import web

routes = web.RouteTableDef()


def to_html(source):
    blocks = []
    for block in source.split("\n\n"):
        block = block.strip()
        if block.startswith("# "):
            blocks.append("<h1>" + block[2:] + "</h1>")
        elif block:
            blocks.append("<p>" + block + "</p>")
    return "\n".join(blocks)


@routes.post("/preview")
async def preview(request):
    payload = await request.json()
    body = to_html(payload.get("source", ""))
    return web.Response(body=body.encode("utf-8"), content_type="text/html")


app = web.Application()
app.add_routes(routes)
