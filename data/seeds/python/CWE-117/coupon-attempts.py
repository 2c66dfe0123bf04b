import logging
import sys

from fastapi import APIRouter, Form, HTTPException

router = APIRouter()

handler = logging.StreamHandler(sys.stdout)
coupon_log = logging.getLogger("shop.coupons")
coupon_log.addHandler(handler)

COUPONS = {"SPRING": 10, "WELCOME": 5}


def report_unknown(code, basket):
    line = "unknown coupon " + code
    if basket:
        line += " in basket " + basket
    coupon_log.warning(line)


@router.post("/coupons/redeem")
def redeem(code: str = Form(...), basket: str = Form("")):
    percent = COUPONS.get(code.upper())
    if percent is None:
        report_unknown(code, basket)
        raise HTTPException(status_code=404)
    return {"percent": percent}
