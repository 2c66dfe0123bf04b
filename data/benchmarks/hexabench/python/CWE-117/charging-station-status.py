import logging

import httpx
from fastapi import FastAPI, HTTPException

log = logging.getLogger("charging")
app = FastAPI()


@app.get("/status")
async def station_status(station: str):
    async with httpx.AsyncClient(base_url="http://gateway:9000") as client:
        reply = await client.get("/stations", params={"id": station})
    if reply.status_code == 200:
        return reply.json()

    # log an error with the station and the status code, then raise a 502
