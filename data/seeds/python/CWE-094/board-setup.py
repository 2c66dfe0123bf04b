from bottle import default_app, request, route


def parse_board(text):
    tree = compile(text, "board", mode="eval")
    return eval(tree)


@route("/board")
def board():
    layout = request.query.get("layout") or "[[0]]"
    rows = parse_board(layout)
    stones = sum(1 for row in rows for field in row if field)
    return {"rows": len(rows), "stones": stones}


application = default_app()
