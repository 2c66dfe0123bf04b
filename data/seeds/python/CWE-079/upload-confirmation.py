from flask import Flask, Response, request

app = Flask(__name__)
LIMIT = 2 * 1024 * 1024


@app.post("/upload")
def upload():
    report = ""
    for field in ("photo", "letter", "certificate"):
        part = request.files.get(field)
        if part is None:
            continue
        size = len(part.read())
        verdict = "too large" if size > LIMIT else "received"
        report += "<li>" + part.filename + ": " + verdict + "</li>"
    if not report:
        return Response("<p>No files.</p>", status=400, mimetype="text/html")
    return Response("<ul>%s</ul>" % report, mimetype="text/html")
