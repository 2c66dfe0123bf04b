from urllib.parse import urlparse

from fastapi import FastAPI, HTTPException

app = FastAPI()
subscriptions: dict[str, list[str]] = {}


@app.put("/webhooks/{topic}")
async def subscribe(topic: str, callback: str):
    host = urlparse(callback).hostname
    if host is None or not host.endswith("hooks.pipeline.io"):
        raise HTTPException(status_code=422, detail="callback host is not allowed")
    subscriptions.setdefault(topic, []).append(callback)
    return {"topic": topic, "count": len(subscriptions[topic])}


@app.get("/webhooks/{topic}")
async def listing(topic: str):
    return subscriptions.get(topic, [])
