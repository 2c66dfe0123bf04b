from bottle import post, request, run
import os
import time

VOICE = 'en-gb'
spoken = []

@post('/announce')
def announce():
    text = request.forms.get('text')
    spoken.append((time.time(), text))
    # say the text through the loudspeakers: espeak -v VOICE "text"
