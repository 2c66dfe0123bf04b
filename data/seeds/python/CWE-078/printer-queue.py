import os
import re

import bottle

JOB = re.compile(r"^(?P<job>\S+-\d+)\s+(?P<owner>\S+)\s+(?P<size>\d+)")


@bottle.get("/printers/<printer>/jobs")
def jobs(printer):
    listing = os.popen("lpstat -o " + printer).readlines()
    waiting = []
    for line in listing:
        found = JOB.match(line)
        if found:
            waiting.append(found.groupdict())
    return {"printer": printer, "jobs": waiting}


if __name__ == "__main__":
    bottle.run(host="localhost", port=8631)
