from urllib.parse import urlsplit

from aiohttp import ClientSession, web

routes = web.RouteTableDef()


@routes.post("/listings/photos")
async def add_photo(request: web.Request) -> web.Response:
    payload = await request.json()
    photo_url = payload["photo"]
    filename = urlsplit(photo_url).path.rsplit("/", 1)[-1]

    # is it a picture on images.unsplash.com? then fetch it into the
    # request.app["photos"] dict under filename, else raise HTTPBadRequest
