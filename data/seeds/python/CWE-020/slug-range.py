import re

from aiohttp import web

PAGE_NAME = re.compile(r"[a-z0-9][a-z0-9,-_]*$", re.IGNORECASE)
PAGES = {"start": "Welcome", "faq": "Questions"}


class WikiPage(web.View):
    async def get(self):
        name = self.request.match_info["name"]
        if PAGE_NAME.match(name) is None:
            raise web.HTTPNotFound()
        text = PAGES.get(name.lower())
        if text is None:
            return web.json_response({"page": name, "exists": False}, status=404)
        return web.json_response({"page": name, "exists": True, "text": text})


app = web.Application()
app.router.add_view("/wiki/{name}", WikiPage)
