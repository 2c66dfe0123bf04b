from flask import Flask, make_response, request

app = Flask(__name__)


@app.errorhandler(404)
def not_found(error):
    """Our 404 page; it names the page on which the dead link was."""
    came_from = request.headers.get("Referer", "")
    # build the HTML and send it with status 404
