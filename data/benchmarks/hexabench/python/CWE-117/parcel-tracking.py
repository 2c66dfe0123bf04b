from logging import getLogger

from flask import Flask, render_template

from tracking import events_of

app = Flask(__name__)
logger = getLogger("tracking")


@app.get("/parcels/<number>")
def parcel(number):
    events = events_of(number)
    # log the parcel number and how many events there are, render parcel.html
