import logging
from fastapi import FastAPI, Header

app = FastAPI()
logger = logging.getLogger('uvicorn.error')
NEWEST = '4.2.0'

@app.get('/update')
def update_available(x_app_version: str = Header(default='unknown')):
    '''Tells the mobile app whether there is something newer.'''
    newer = x_app_version != NEWEST
    # log the version of the app, return {'update': newer}
