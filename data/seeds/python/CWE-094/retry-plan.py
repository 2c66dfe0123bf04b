from fastapi import FastAPI, Header

app = FastAPI()


def limited(waits, longest=60.0):
    return [min(float(wait), longest) for wait in waits]


@app.get("/plan")
async def plan(x_retry_waits: str = Header("(1, 2, 4)")):
    waits = limited(eval(x_retry_waits))
    return {"waits": waits, "total": sum(waits)}
