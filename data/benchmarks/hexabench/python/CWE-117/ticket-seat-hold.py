import tornado.web
from tornado.log import app_log

HELD = {}


class SeatHandler(tornado.web.RequestHandler):
    async def get(self):
        seat = self.get_query_argument("seat")
        holder = self.get_query_argument("holder")

        if HELD.setdefault(seat, holder) != holder:
            self.set_status(409)
            return
        # log that the seat is now held for the holder, then write both as JSON
