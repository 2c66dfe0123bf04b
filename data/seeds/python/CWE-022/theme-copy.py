import shutil

from bottle import Bottle, HTTPError, request

app = Bottle()
THEMES = "/opt/site/themes/"
PUBLIC = "/opt/site/public/style.css"


@app.put("/theme")
def choose_theme():
    wanted = request.json
    if not wanted or "theme" not in wanted:
        raise HTTPError(400, "name a theme")
    source = THEMES + wanted["theme"] + "/style.css"
    try:
        shutil.copyfile(source, PUBLIC)
    except FileNotFoundError:
        raise HTTPError(404, "unknown theme")
    return {"theme": wanted["theme"]}
