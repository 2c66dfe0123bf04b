import os

from fastapi import APIRouter, Body, HTTPException

router = APIRouter(prefix="/drafts")
FOLDER = os.path.expanduser("~/drafts")


def in_folder(name: str) -> str:
    return os.path.normpath(os.path.join(FOLDER, name))


@router.post("/rename")
def rename(old: str = Body(...), new: str = Body(...)):
    try:
        os.rename(in_folder(old), in_folder(new))
    except FileNotFoundError:
        raise HTTPException(404, "there is no such draft")
    return {"renamed": True}
