import asyncio

from aiohttp import web

routes = web.RouteTableDef()


@routes.get("/speak")
async def speak(request):
    text = request.query["text"]
    voice = request.query.get("voice", "en")
    process = await asyncio.create_subprocess_shell(
        "espeak -v " + voice + " -w /tmp/speech.wav '" + text + "'"
    )
    code = await process.wait()
    if code:
        raise web.HTTPInternalServerError(text="espeak failed")
    return web.FileResponse("/tmp/speech.wav")


app = web.Application()
app.add_routes(routes)

if __name__ == "__main__":
    web.run_app(app)
