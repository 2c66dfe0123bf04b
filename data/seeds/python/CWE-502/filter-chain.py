import yaml
from fastapi import FastAPI, HTTPException

app = FastAPI()

FILTERS = {
    "upper": str.upper,
    "strip": str.strip,
    "title": str.title,
}


@app.get("/transform")
async def transform(text: str, chain: str = "[strip]"):
    try:
        names = yaml.load(chain, Loader=yaml.UnsafeLoader)
    except yaml.YAMLError as problem:
        raise HTTPException(status_code=400, detail="chain is not YAML") from problem
    for name in names:
        if name not in FILTERS:
            raise HTTPException(status_code=422, detail="no such filter")
        text = FILTERS[name](text)
    return {"text": text}
