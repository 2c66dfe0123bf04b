from flask import Flask, redirect, request, session, url_for

from accounts import check_password

app = Flask(__name__)
app.secret_key = "change-me"


@app.route("/login", methods=["POST"])
def login():
    user = check_password(request.form["email"], request.form["password"])
    if user is None:
        return redirect(url_for("login_page", failed=1))
    session["user_id"] = user.id

    target = request.form.get("next", "")
    # Shoppers go back to where they came from if that was on
    # shop.example.com, otherwise they land on their account page.
