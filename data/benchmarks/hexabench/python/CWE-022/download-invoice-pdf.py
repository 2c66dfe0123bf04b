from bottle import HTTPError, default_app, get, request, response

INVOICES = "/home/billing/invoices/"


@get("/invoice")
def invoice():
    number = request.query.number
    if not number:
        return HTTPError(400, "which invoice?")
    response.content_type = "application/pdf"

    # read the invoice's file (named after its number) and return the bytes
