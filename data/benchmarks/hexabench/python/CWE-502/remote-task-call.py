import dill
import tornado.web


class TaskHandler(tornado.web.RequestHandler):
    """Another node sends a task as (name, args, kwargs)."""

    tasks = {"sum": sum, "max": max, "sorted": sorted}

    async def post(self):
        message = self.request.body
        # unpack the message, call the task, finish with the result as text
