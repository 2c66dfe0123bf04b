import os
import shutil
import tempfile

from fastapi import FastAPI, Form, HTTPException

app = FastAPI()
INBOX = "/data/inbox"


@app.post("/datasets/import")
async def import_dataset(archive: str = Form(...)):
    workdir = tempfile.mkdtemp(prefix="dataset-")
    source = os.path.join(INBOX, archive)
    try:
        shutil.unpack_archive(source, workdir)
    except (ValueError, shutil.ReadError) as error:
        raise HTTPException(422, "cannot unpack this file") from error
    files = sum(len(names) for _, _, names in os.walk(workdir))
    return {"folder": workdir, "files": files}
