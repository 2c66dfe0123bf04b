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

    # the basic plan covers shows that are hosted at libsyn.com or
    # rss.art19.com; status 402 if the feed is from neither of the two
