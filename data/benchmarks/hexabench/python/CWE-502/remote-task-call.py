import dill
import tornado.web


class TaskHandler(tornado.web.RequestHandler):
    """Nodes send (name, args, kwargs), dumped with dill."""

    tasks = {"sum": sum, "max": max, "sorted": sorted}

    async def post(self):
        message = self.request.body
        # unpack the message, call the task, finish with the dumped result
