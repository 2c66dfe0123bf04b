import base64
import collections
import pickle

from aiohttp import web

VALUES = collections.defaultdict(list)


async def report(request):
    probe = request.match_info["probe"]
    header = request.headers["X-Values"]
    packet = pickle.loads(base64.b64decode(header.encode()))
    VALUES[probe] += [float(value) for value in packet]
    return web.json_response({"stored": len(VALUES[probe])})


app = web.Application()
app.add_routes([web.get("/probes/{probe}", report)])
