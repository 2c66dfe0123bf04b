import json
import logging

import bottle

logger = logging.getLogger(__name__)


def read_basket():
    text = bottle.request.forms.get("basket")
    if text is None:
        return []
    try:
        return json.loads(text)
    except ValueError as error:
        logger.warning("cannot read basket '" + text + "': " + str(error))
        return []


@bottle.route("/basket/merge", method="POST")
def merge():
    items = read_basket()
    return {"items": items, "count": len(items)}
