from datetime import datetime

from bottle import post, request, run

ENTRIES = []


def render(entry):
    return "<li><i>{}</i> {}: {}</li>".format(entry["when"], entry["who"], entry["text"])


@post("/guestbook")
def sign():
    entry = {
        "who": request.forms.get("who"),
        "text": request.forms.get("text"),
        "when": datetime.now().strftime("%d.%m. %H:%M"),
    }
    ENTRIES.append(entry)
    page = "<ul>" + render(entry) + "</ul>"
    return page + "<p>%d entries so far</p>" % len(ENTRIES)


run(host="localhost", port=8080)
