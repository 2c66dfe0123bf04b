import random
from fastapi import FastAPI, Query
from fastapi.responses import HTMLResponse

app = FastAPI()
RECIPES = {"leek": ["Leek pie", "Leek soup"], "plum": ["Plum cake"]}


@app.get("/cook", response_class=HTMLResponse)
async def cook_with(ingredient: str = Query(min_length=2)) -> HTMLResponse:
    suggestions = RECIPES.get(ingredient.lower(), [])
    items = "".join(f"<li>{name}</li>" for name in suggestions)

    # Page with <h1>Cooking with ...</h1> and the list of suggestions.
