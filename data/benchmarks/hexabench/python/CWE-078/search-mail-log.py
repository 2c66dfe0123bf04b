import subprocess
import tornado.web

MAIL_LOG = "/var/log/mail.log"


class MailSearchHandler(tornado.web.RequestHandler):

    @tornado.web.authenticated
    def post(self):
        """Lines of the mail log in which the word occurs, at most 200."""
        word = self.get_body_argument("word")
        self.set_header("Content-Type", "text/plain")
        # grep -i for the word in MAIL_LOG and write the lines
