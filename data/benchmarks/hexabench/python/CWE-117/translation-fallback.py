import logging
from pathlib import Path

from aiohttp import web

LOGGER = logging.getLogger("help")
HELP = {p.stem: p for p in Path("help").glob("*.html")}


async def help_page(request: web.Request) -> web.FileResponse:
    """The help page in the language of the URL, English when there is none."""
    language = request.match_info.get("language", "en")
    if language in HELP:
        return web.FileResponse(HELP[language])
    # note in the log which language was missing and serve the English page
