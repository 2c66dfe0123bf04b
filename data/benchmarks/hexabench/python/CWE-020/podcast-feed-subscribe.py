import sqlite3
from bottle import Bottle, request, response

app = Bottle()
db = sqlite3.connect('pods.db')

@app.post('/subscriptions')
def subscribe():
    feed = request.forms.get('feed')
    if not feed:
        response.status = 400
        return {'error': 'feed missing'}

    # premium plan covers shows hosted at feeds.megaphone.fm / libsyn.com,
    # refuse the feed with 402 if it is neither of the two
