import itertools
import logging

from bottle import post, request

logger = logging.getLogger("helpdesk")
numbers = itertools.count(1000)
LEVELS = {"low": logging.INFO, "high": logging.ERROR}


@post("/tickets")
def open_ticket():
    subject = request.forms.get("subject")
    urgency = request.forms.get("urgency", "low")
    number = next(numbers)
    level = LEVELS.get(urgency, logging.INFO)
    logger.log(level, "ticket #%d: %s", number, subject)
    return {"ticket": number}
