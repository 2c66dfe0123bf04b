import logging
from decimal import Decimal, InvalidOperation

from aiohttp import web

logger = logging.getLogger("payments")
balance = {}


async def callback(request: web.Request) -> web.Response:
    notice = await request.post()
    account = notice.get("account")
    try:
        amount = Decimal(notice["amount"])
    except (KeyError, InvalidOperation):
        logger.exception("bad payment notice for account " + str(account))
        return web.Response(status=400)
    balance[account] = balance.get(account, Decimal(0)) + amount
    return web.Response(status=200)


app = web.Application()
app.router.add_post("/payments/callback", callback)
