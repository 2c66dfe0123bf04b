import os

import bottle

UPLOADS = "/srv/uploads/profiles"
ALLOWED = {".png", ".jpeg", ".jpg"}


@bottle.post("/profile/picture")
def store_picture():
    upload = bottle.request.files.get("picture")
    _, extension = os.path.splitext(upload.raw_filename)
    if extension.lower() not in ALLOWED:
        return bottle.HTTPResponse({"error": "pictures only"}, status=415)
    target = os.path.join(UPLOADS, upload.raw_filename)
    with open(target, "wb") as out:
        for chunk in iter(lambda: upload.file.read(65536), b""):
            out.write(chunk)
    return {"stored": upload.raw_filename}


if __name__ == "__main__":
    bottle.run(port=8090)
