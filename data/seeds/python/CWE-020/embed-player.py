from flask import Flask, abort, render_template, request

app = Flask(__name__)


@app.get("/embed")
def embed():
    source = request.args["src"]
    allowed = "player.vidhost.com" in source or "player.moviebox.net" in source
    if not allowed:
        abort(403)
    return render_template("embed.html", source=source)
