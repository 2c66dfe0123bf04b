import base64
import pickle
import zlib

import bottle


def unpack(text):
    """Undo what the desktop client does to its bookmarks."""
    data = base64.b64decode(text)
    try:
        data = zlib.decompress(data)
    except zlib.error:
        pass
    return pickle.loads(data)


@bottle.get("/bookmarks/<packed>")
def bookmarks(packed):
    entries = unpack(packed)
    result = []
    for entry in entries:
        result.append({"title": entry["title"], "position": entry.get("position", 0)})
    return {"bookmarks": result}


if __name__ == "__main__":
    bottle.run(host="127.0.0.1", port=8095)
