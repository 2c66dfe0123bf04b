from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI(title="deploy-notifier")
hooks: dict[str, str] = {}


class HookIn(BaseModel):
    team: str
    webhook_url: str


@app.post("/hooks", status_code=201)
async def register_hook(hook: HookIn) -> dict[str, str]:
    """Register the channel that is told about a team's deployments.

    Only hooks at hooks.slack.com are supported, the rest get a 422.
    """
    url = hook.webhook_url
