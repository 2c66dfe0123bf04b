import jinja2
from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

app = FastAPI()
OFFER = "<article><h1>{{ title }}</h1><p>{{ city }}</p></article>"


@app.get("/offers/preview")
def preview(request: Request):
    title = request.query_params.get("title", "Untitled")
    city = request.query_params.get("city", "anywhere")

    # fill in the OFFER template and return the page
