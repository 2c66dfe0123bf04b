from bottle import Bottle, abort, request

app = Bottle()
profiles = {}


@app.get("/profile/<user>/avatar")
def change_avatar(user):
    picture = request.query.get("url", "")
    if "gravatar.com" in picture:
        kind = "gravatar"
    elif "avatars.githost.com" in picture:
        kind = "githost"
    else:
        abort(400, "unknown picture service")
    profiles[user] = {"avatar": picture, "kind": kind}
    return profiles[user]
