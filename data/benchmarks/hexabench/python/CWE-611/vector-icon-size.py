from io import BytesIO

import lxml.etree
from fastapi import FastAPI

app = FastAPI()


@app.get("/icons/size")
def icon_size(svg: str, scale: float = 1.0) -> dict[str, float]:
    """Width and height of an SVG, as its root element states them, scaled."""
    # read the svg
