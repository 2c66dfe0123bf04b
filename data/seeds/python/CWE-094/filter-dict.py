from fastapi import FastAPI, HTTPException, Query

app = FastAPI()

CARS = [
    {"make": "Volta", "seats": 4, "electric": True},
    {"make": "Brio", "seats": 2, "electric": False},
]


def matches(car, wanted):
    return all(car.get(key) == value for key, value in wanted.items())


@app.get("/cars")
def cars(where: str = Query("{}", max_length=200)):
    try:
        wanted = eval(where)
    except SyntaxError:
        raise HTTPException(status_code=400, detail="where must be a dict")
    return [car for car in CARS if matches(car, wanted)]
