import flask

library = flask.Flask("library")
SHELVES = {"Emma": 3, "Dracula": 7}


@library.post("/where")
def where():
    title = flask.request.get_json()["title"]
    shelf = SHELVES.get(title)
    if shelf is None:
        return flask.make_response(f"<p>We do not have <i>{title}</i>.</p>", 404)
    return flask.make_response(f"<p>Look on shelf {shelf}.</p>")
