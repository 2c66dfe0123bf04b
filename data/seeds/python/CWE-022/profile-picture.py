import base64
import os

import bottle

UPLOADS = "/srv/uploads/profiles"
ALLOWED = {".png", ".jpeg", ".jpg"}


@bottle.post("/profile/picture")
def store_picture():
    name = bottle.request.forms.get("name")
    _, extension = os.path.splitext(name)
    if extension.lower() not in ALLOWED:
        return bottle.HTTPResponse({"error": "pictures only"}, status=415)
    picture = base64.b64decode(bottle.request.forms.get("picture"))
    target = os.path.join(UPLOADS, name)
    with open(target, "wb") as out:
        out.write(picture)
    return {"stored": name, "size": len(picture)}


if __name__ == "__main__":
    bottle.run(port=8090)
