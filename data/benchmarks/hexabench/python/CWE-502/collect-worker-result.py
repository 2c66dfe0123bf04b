import pickle
import time
from collections import defaultdict

import numpy as np
from aiohttp import web

tiles: dict[str, list[np.ndarray]] = defaultdict(list)


async def collect(request: web.Request) -> web.Response:
    started = time.monotonic()
    blob = await request.read()

    # The blob is a dict with "job" and "pixels" (an array): decode it,
    # append the pixels to the tiles of that job, reply with the seconds taken.
