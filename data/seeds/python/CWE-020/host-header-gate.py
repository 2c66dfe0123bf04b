import platform
import time

import bottle

STARTED = time.time()


def own_host():
    host = bottle.request.headers.get("Host", "").split(":")[0]
    return host.endswith("harbour-ops.net")


@bottle.route("/status")
def status():
    if not own_host():
        bottle.response.status = 421
        return {"error": "wrong host"}
    return {
        "node": platform.node(),
        "uptime": round(time.time() - STARTED),
    }


bottle.run(host="0.0.0.0", port=9000)
