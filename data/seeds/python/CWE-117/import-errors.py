import logging as log

from fastapi import Body, FastAPI

app = FastAPI()


def parse(line: str) -> tuple[str, float]:
    name, price = line.split(";")
    return name.strip(), float(price)


@app.post("/prices/import")
def import_prices(text: str = Body(..., media_type="text/plain")):
    prices = {}
    for number, line in enumerate(text.split("\r\n"), start=1):
        try:
            name, price = parse(line)
        except ValueError:
            log.error("line %d is unreadable: %s", number, line)
            continue
        prices[name] = price
    return {"prices": len(prices)}
