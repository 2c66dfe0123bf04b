from flask import Blueprint, current_app, request

rooms = Blueprint("rooms", __name__)
taken = {}


@rooms.post("/rooms/<int:room>")
def book(room):
    guest = request.json["guest"]
    if room in taken:
        current_app.logger.info("%s wanted room %d", guest, room)
        return {"booked": False}, 409
    taken[room] = guest
    return {"booked": True}
