import subprocess
from typing import Annotated

from fastapi import FastAPI, Header

app = FastAPI()
WORDS = "/srv/texts/today.txt"


def misspelled(language: str) -> list[str]:
    command = f"aspell list --lang={language} < {WORDS}"
    output = subprocess.check_output(command, shell=True, encoding="utf-8")
    return sorted(set(output.split()))


@app.get("/spelling")
def spelling(accept_language: Annotated[str, Header()] = "en"):
    words = misspelled(accept_language)
    return {"language": accept_language, "words": words, "count": len(words)}
