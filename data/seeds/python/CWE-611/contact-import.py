import flask
from lxml.etree import XMLSyntaxError, fromstring

app = flask.Flask(__name__)
contacts = {}


@app.put("/contacts")
def put_contacts():
    try:
        book = fromstring(flask.request.get_data())
    except XMLSyntaxError as problem:
        return {"error": str(problem)}, 400
    for person in book.findall("person"):
        contacts[person.get("id")] = person.findtext("name")
    return {"contacts": len(contacts)}
