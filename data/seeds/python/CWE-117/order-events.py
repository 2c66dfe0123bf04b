import logging
from uuid import uuid4

from fastapi import FastAPI
from pydantic import BaseModel

log = logging.getLogger("orders")
app = FastAPI()


class Order(BaseModel):
    reference: str
    amount: float


@app.post("/orders")
async def create_order(order: Order):
    order_id = str(uuid4())
    log.info(f"order {order_id} accepted, reference {order.reference}")
    return {"id": order_id}
