from os import popen

import flask

site = flask.Flask("whois")


@site.route("/whois/<domain>")
def whois(domain):
    record = popen("whois " + domain).read()
    fields = {}
    for line in record.splitlines():
        key, colon, value = line.partition(":")
        if colon:
            fields.setdefault(key.strip(), value.strip())
    return fields
