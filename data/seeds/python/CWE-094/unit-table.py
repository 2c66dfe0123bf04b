from bottle import get, run

FACTORS = {"km": 1000.0, "m": 1.0, "cm": 0.01, "mile": 1609.344}


@get("/convert/<value>/<source>/<target>")
def convert(value, source, target):
    if source not in FACTORS or target not in FACTORS:
        return {"error": "unknown unit"}
    number = eval(value)
    metres = number * FACTORS[source]
    return {"value": round(metres / FACTORS[target], 6), "unit": target}


run(port=8099)
