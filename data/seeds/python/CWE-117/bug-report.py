import logging

import bottle

app = bottle.Bottle()
FORMAT = "client error in {page}: {message}"


@app.post("/client-errors")
def client_error():
    report = bottle.request.json
    page = report.get("page", "?")
    message = report.get("message", "")
    logging.error(FORMAT.format(page=page, message=message))
    bottle.response.status = 202
    return {}


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
    bottle.run(app, host="localhost", port=8088)
