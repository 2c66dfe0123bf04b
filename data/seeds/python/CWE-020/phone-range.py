import re
from datetime import datetime, timezone

from fastapi import APIRouter, HTTPException

router = APIRouter(prefix="/callback")
waiting = []


def valid_phone(number: str) -> bool:
    return re.match(r"^[0-9+-_ ]{6,20}$", number) is not None


@router.post("/{number}")
def request_callback(number: str):
    if not valid_phone(number):
        raise HTTPException(400, "please give a telephone number")
    entry = {"number": number, "at": datetime.now(timezone.utc).isoformat()}
    waiting.append(entry)
    return {"position": len(waiting)}
