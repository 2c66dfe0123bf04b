from fastapi import Body, FastAPI, Response

app = FastAPI()


@app.post("/label")
def label(lines: list[str] = Body(...), size: int = Body(12)):
    inner = "<br>".join(lines)
    style = f"font-size:{size}pt; border:1px solid"
    return Response(
        f"<address style='{style}'>{inner}</address>",
        media_type="text/html",
    )
