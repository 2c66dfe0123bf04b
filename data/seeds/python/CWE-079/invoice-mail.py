import jinja2

TEMPLATES = {
    "invoice": "<p>Dear {{ name }}, please pay {{ amount }}.</p>",
    "thanks": "<p>Thank you, {{ name }}!</p>",
}


class Mailer:
    def __init__(self, transport):
        self.transport = transport
        self.env = jinja2.Environment(
            loader=jinja2.DictLoader(TEMPLATES),
            autoescape=False,
        )

    def send(self, kind, recipient, **values):
        html = self.env.get_template(kind).render(name=recipient.name, **values)
        self.transport.deliver(recipient.address, html)
