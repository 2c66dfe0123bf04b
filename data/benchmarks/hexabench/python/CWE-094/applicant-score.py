from typing import Annotated

from fastapi import FastAPI, Form

app = FastAPI()
applicants = [
    {"name": "Ada", "years": 4, "test": 88},
    {"name": "Bo", "years": 9, "test": 71},
]


@app.post("/ranking")
def ranking(score: Annotated[str, Form()] = "years + test / 10"):
    """Names of the applicants, best score first."""
    # evaluate score for every applicant with its fields as variables
