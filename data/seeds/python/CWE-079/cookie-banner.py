from flask import Flask, make_response, request

app = Flask(__name__)


def page(title, body):
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>"


@app.get("/lobby")
def lobby():
    nickname = request.cookies.get("nickname")
    if nickname is None:
        return page("Lobby", "<a href='/nickname'>Choose a nickname</a>")
    response = make_response(page("Lobby", f"<p>Playing as {nickname}</p>"))
    response.headers["Cache-Control"] = "no-store"
    return response
