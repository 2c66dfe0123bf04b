import tornado.web


class RouteHandler(tornado.web.RequestHandler):
    """The planner sends its route as text, for instance [(0, 0), (4, 2.5)]."""

    def initialize(self, robot):
        self.robot = robot

    def put(self):
        text = self.request.body.decode("utf-8")
        # turn the text into the list of points and drive them one by one
        # with self.robot.move_to(x, y)
