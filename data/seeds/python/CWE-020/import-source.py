import re

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

app = FastAPI()
calendars: list[str] = []


@app.get("/calendars/add")
async def add_calendar(request: Request):
    address = request.query_params.get("address", "")
    if re.fullmatch(r"webcal://cal.uni-westend.edu/[a-z]+/\d+\.ics", address):
        calendars.append(address)
        return {"calendars": calendars}
    return JSONResponse({"error": "not a calendar of ours"}, status_code=400)
