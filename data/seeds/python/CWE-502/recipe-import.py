from typing import Any

import yaml
from fastapi import FastAPI, Request

app = FastAPI()
recipes: list[dict[str, Any]] = []


class RecipeReader:
    required = ("title", "servings")

    def read(self, source: str) -> list[dict[str, Any]]:
        documents = yaml.load_all(source, Loader=yaml.Loader)
        return [document for document in documents if self.complete(document)]

    def complete(self, document: dict[str, Any]) -> bool:
        return all(key in document for key in self.required)


@app.post("/recipes")
async def import_recipes(request: Request):
    source = request.query_params["source"]
    added = RecipeReader().read(source)
    recipes.extend(added)
    return {"added": len(added), "total": len(recipes)}
