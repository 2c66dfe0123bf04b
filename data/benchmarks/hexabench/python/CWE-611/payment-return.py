from bottle import get, redirect, request
from lxml import etree, objectify

PAID = set()

@get('/payment/return')
def payment_return():
    # the gateway appends its answer to our address:
    # ?result=<payment><order>77</order><state>settled</state></payment>
    answer = request.query.get('result')

    # parse it, remember the order in PAID if the state is "settled"
    # and redirect to /thanks or /failed
