from aiohttp import web

routes = web.RouteTableDef()
PAGES: dict[str, str] = {}


@routes.get("/wiki/{title}")
async def show_page(request: web.Request) -> web.StreamResponse:
    title = request.match_info["title"]
    page = PAGES.get(title)
    if page is not None:
        return web.Response(text=page, content_type="text/html")

    # 404 page that names the title and offers a link to create it
