import logging
from bottle import route, request, template

logging.basicConfig(filename='guestbook.log', level=logging.INFO,
                    format='%(asctime)s %(message)s')

@route('/guestbook')
def guestbook():
    visitor = request.query.name or 'anonymous'
    entries = open('entries.txt').read().splitlines()
    # write to the log that the visitor has opened the guestbook
