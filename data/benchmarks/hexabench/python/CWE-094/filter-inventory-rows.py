from aiohttp import web

STOCK = [
    {"article": "bolt", "amount": 340, "shelf": 4},
    {"article": "hinge", "amount": 12, "shelf": 9},
]


class StockFilter(web.View):

    async def post(self) -> web.Response:
        form = await self.request.post()
        where = form.get("where", "True")

        # Rows for which `where` is true, with the columns as variables
        # (amount < 20 and shelf == 9), returned as JSON.
