import subprocess

import tornado.ioloop
import tornado.web


class LogHandler(tornado.web.RequestHandler):
    def get(self):
        branch = self.get_query_argument("branch", "main")
        lines = self.commits(branch)
        self.write({"branch": branch, "commits": lines})

    def commits(self, branch):
        command = "git -C /srv/repo.git log --oneline -n 20 {}".format(branch)
        process = subprocess.Popen(command, shell=True, stdout=subprocess.PIPE)
        output, _ = process.communicate()
        return output.decode("utf-8", "replace").splitlines()


if __name__ == "__main__":
    app = tornado.web.Application([(r"/log", LogHandler)])
    app.listen(8888)
    tornado.ioloop.IOLoop.current().start()
