import base64

import dill
from aiohttp import web

STATE = {}


class Sync(web.View):
    def changes(self):
        packed = self.request.match_info["changes"]
        padding = "=" * (-len(packed) % 4)
        return dill.loads(base64.urlsafe_b64decode(packed + padding))

    async def get(self):
        merged = 0
        for key, (version, value) in self.changes().items():
            known = STATE.get(key)
            if known is None or known[0] < version:
                STATE[key] = (version, value)
                merged += 1
        return web.json_response({"merged": merged, "keys": len(STATE)})


app = web.Application()
app.router.add_view("/sync/{changes}", Sync)
