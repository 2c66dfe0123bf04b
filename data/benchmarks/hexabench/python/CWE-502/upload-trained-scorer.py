import pickle

from fastapi import FastAPI, UploadFile

app = FastAPI()
state: dict[str, object] = {"scorer": None, "file": None}


@app.put("/scorer")
async def replace_scorer(upload: UploadFile) -> dict[str, str]:
    content = await upload.read()
    state["file"] = upload.filename
    # load the scorer from the content and keep it in state["scorer"]
