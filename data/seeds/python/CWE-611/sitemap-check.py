import io

from fastapi import Body, FastAPI, HTTPException
from lxml import etree

app = FastAPI()
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@app.post("/sitemap/check")
async def check_sitemap(document: str = Body(..., media_type="application/xml")):
    tree = etree.parse(io.BytesIO(document.encode("utf-8")))
    addresses = [node.text for node in tree.iter(NAMESPACE + "loc")]
    if not addresses:
        raise HTTPException(status_code=422, detail="the sitemap is empty")
    double = len(addresses) - len(set(addresses))
    return {"addresses": len(addresses), "double": double}
