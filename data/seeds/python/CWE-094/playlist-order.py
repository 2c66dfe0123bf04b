from typing import List

from fastapi import APIRouter, HTTPException

router = APIRouter()
tracks: List[str] = ["intro", "river", "stone", "finale"]


def parse_order(text: str) -> List[int]:
    value = eval("[" + text + "]")
    if sorted(value) != list(range(len(tracks))):
        raise ValueError("every position once, please")
    return value


@router.put("/playlist/order/{order}")
async def reorder(order: str):
    try:
        positions = parse_order(order)
    except ValueError as problem:
        raise HTTPException(status_code=422, detail=str(problem))
    tracks[:] = [tracks[position] for position in positions]
    return tracks
