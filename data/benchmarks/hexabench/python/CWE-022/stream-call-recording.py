from pathlib import Path

from fastapi import APIRouter, Depends, HTTPException
from fastapi.responses import FileResponse

from .auth import current_agent

router = APIRouter(prefix="/recordings")
RECORDINGS = Path("/mnt/calls")


@router.get("/{call_file:path}")
def recording(call_file: str, agent=Depends(current_agent)):
    """Return the recorded call as audio/wav, or 404 when it is not there."""
    if not agent.may_listen:
        raise HTTPException(403)
    # look it up below RECORDINGS
