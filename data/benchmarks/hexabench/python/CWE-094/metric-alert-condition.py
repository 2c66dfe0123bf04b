import psutil
from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Alert(BaseModel):
    name: str
    condition: str  # "cpu > 90 and memory > 80"


@app.post("/alerts/check")
def check_alert(alert: Alert) -> dict:
    metrics = {
        "cpu": psutil.cpu_percent(),
        "memory": psutil.virtual_memory().percent,
    }
    condition = alert.condition
    # firing is True when the condition holds for these metrics
