from fastapi import APIRouter
from lxml import etree
from pydantic import BaseModel

router = APIRouter()


class Comparison(BaseModel):
    before: str
    after: str


def read_settings(text: str) -> dict:
    parser = etree.XMLParser()
    root = etree.fromstring(text.encode(), parser)
    return {node.get("key"): node.get("value") for node in root.findall("setting")}


@router.post("/settings/compare")
def compare(comparison: Comparison):
    before = read_settings(comparison.before)
    after = read_settings(comparison.after)
    changed = sorted(
        key for key in before.keys() & after.keys() if before[key] != after[key]
    )
    return {"changed": changed, "added": sorted(after.keys() - before.keys())}
