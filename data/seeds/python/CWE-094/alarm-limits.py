import tornado.web


class AlarmHandler(tornado.web.RequestHandler):
    limits = {"low": 5, "high": 30}

    def get(self):
        for name in list(self.limits):
            value = self.get_query_argument(name, default=None)
            if value:
                exec("self.limits['" + name + "'] = " + value)
        self.write(self.limits)


def make_app(debug=False):
    return tornado.web.Application([(r"/alarm", AlarmHandler)], debug=debug)
