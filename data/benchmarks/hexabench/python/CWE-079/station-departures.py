from bottle import Bottle, request

board = Bottle()
DEPARTURES = {
    'Riverside': [('08:12', 'Harbour'), ('08:27', 'Old Town')],
    'Harbour': [('08:05', 'Airport')],
}

@board.route('/departures')
def departures():
    station = request.query.get('station')
    rows = ''
    for when, where in DEPARTURES.get(station, []):
        rows += '<tr><td>%s</td><td>%s</td></tr>' % (when, where)
    # give back the table with the name of the station as its caption
