from fastapi import FastAPI, Form
from lxml import etree as ET

app = FastAPI()


def questions_of(document):
    for node in document.iter("question"):
        choices = [choice.text for choice in node.findall("choice")]
        yield {"text": node.get("text"), "choices": choices}


@app.post("/quiz")
async def quiz(source: str = Form(...), limit: int = Form(20)):
    document = ET.XML(source.strip())
    questions = list(questions_of(document))[:limit]
    return {"count": len(questions), "questions": questions}
