from flask import Blueprint, abort, current_app, request

bots = Blueprint("bots", __name__)
UNWANTED = ("scrapy", "curl", "wget")


@bots.before_app_request
def turn_away_crawlers() -> None:
    agent = request.headers.get("User-Agent", "")
    if not any(word in agent.lower() for word in UNWANTED):
        return

    # log which agent was turned away (as a warning) and end with a 403
