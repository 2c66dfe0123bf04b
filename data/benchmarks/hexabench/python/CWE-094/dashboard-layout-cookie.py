from flask import Flask, make_response, render_template, request

app = Flask(__name__)
DEFAULT_LAYOUT = {"columns": 2, "widgets": ["clock", "todo"]}


@app.post("/dashboard/layout")
def save_layout():
    answer = make_response("", 204)
    answer.set_cookie("layout", repr(DEFAULT_LAYOUT))
    return answer


@app.get("/dashboard")
def dashboard():
    stored = request.cookies.get("layout")
    if stored is None:
        return render_template("dashboard.html", layout=DEFAULT_LAYOUT)
    # stored is the repr of a dict like DEFAULT_LAYOUT; get the dict back
    # and render the same template with it
