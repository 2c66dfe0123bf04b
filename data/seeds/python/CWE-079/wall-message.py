from bottle import Bottle, request

app = Bottle()


@app.route("/wall", method="POST")
def wall():
    message = request.forms["message"]
    colour = request.forms.get("colour", "black")
    page = ["<html>", "<body>"]
    page.append("<p style='color: %s'>%s</p>" % (colour, message))
    page.extend(["</body>", "</html>"])
    return "".join(page)
