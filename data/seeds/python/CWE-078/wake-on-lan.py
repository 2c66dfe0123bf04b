import os

from bottle import HTTPError, get, request


class Waker:
    tool = "etherwake"

    def __init__(self, device="eth0"):
        self.device = device

    def wake(self, address):
        return os.system("{} -i {} {}".format(self.tool, self.device, address))


waker = Waker()


@get("/wake")
def wake():
    address = request.query["address"]
    if waker.wake(address) != 0:
        raise HTTPError(500, "the tool reported a problem")
    return {"woken": address}
