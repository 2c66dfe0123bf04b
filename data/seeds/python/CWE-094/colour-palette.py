from tornado.web import Application, RequestHandler


def mix(colours):
    count = len(colours)
    return tuple(sum(channel) // count for channel in zip(*colours))


def parse_colours(parts):
    return [eval(part) for part in parts]


class PaletteHandler(RequestHandler):
    def get(self, colours):
        parts = [part for part in colours.split(";") if part]
        if not parts:
            self.send_error(400)
            return
        red, green, blue = mix(parse_colours(parts))
        self.write(f"#{red:02x}{green:02x}{blue:02x}")


application = Application([("/palette/(.*)", PaletteHandler)])
