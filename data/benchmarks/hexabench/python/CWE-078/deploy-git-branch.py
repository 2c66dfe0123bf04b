from typing import Optional

from fastapi import FastAPI
from pydantic import BaseModel, Field

STAGING = "/srv/staging/webshop"
app = FastAPI()


class Deployment(BaseModel):
    branch: str = Field(..., examples=["feature/cart"])
    note: Optional[str] = None


@app.post("/staging/deploy")
def deploy(deployment: Deployment):
    branch = deployment.branch
    # git fetch in STAGING, then switch the working copy to the branch
