from collections import Counter

from fastapi import FastAPI, Form
from fastapi.responses import HTMLResponse

app = FastAPI()
votes: Counter = Counter()


@app.post("/poll")
async def vote(choice: str = Form(...)):
    votes[choice] += 1
    total = sum(votes.values())
    share = 100 * votes[choice] / total
    body = f"<p>You voted for <b>{choice}</b> ({share:.0f} % of {total} votes).</p>"
    return HTMLResponse(content=f"<html><body>{body}</body></html>")
