import bottle
from bottle import HTTPResponse, request

app = bottle.Bottle()

REQUIRED = ("room", "from", "to")


def problem_page(problem, value):
    return (
        "<h1>Booking refused</h1>"
        "<p>" + problem + "</p>"
        "<pre>" + value + "</pre>"
    )


@app.post("/bookings")
def book():
    booking = request.json
    for field in REQUIRED:
        if field not in booking:
            return problem_page("A field is missing: " + field, "-")
    if booking["from"] >= booking["to"]:
        return problem_page("The stay ends before it begins", booking["from"])
    return HTTPResponse(status=202)
