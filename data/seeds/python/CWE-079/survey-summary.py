from aiohttp import web


def table(answers):
    rows = []
    for question, answer in answers.items():
        rows.append(f"<tr><th>{question}</th><td>{answer}</td></tr>")
    return "<table>" + "".join(rows) + "</table>"


async def summary(request):
    answers = await request.post()
    html = "<h1>Your answers</h1>" + table(answers)
    return web.Response(text=html, content_type="text/html")


app = web.Application()
app.router.add_post("/survey", summary)
