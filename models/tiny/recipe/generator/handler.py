"""One request handler under construction, and the interface that a framework gives to operations."""

import keyword

from . import text
from .program import Program

BODY = ("form", "json", "raw", "upload", "cookie")


class Handler:
    """Name, route, parameters and statements of one handler."""

    def __init__(self, program: Program, framework, where: str):
        rng = program.rng
        self.p, self.fw, self.rng, self.where = program, framework, rng, where
        posts = where in ("form", "json", "raw", "upload")
        self.method = (
            text.weighted(rng, [(7, "POST"), (1.5, "PUT"), (0.5, "PATCH")])
            if posts
            else text.weighted(rng, [(9, "GET"), (0.7, "POST"), (0.6, "DELETE")])
        )
        self.verb, self.noun = text.verb(rng), program.noun if text.chance(rng, 0.5) else text.noun(rng)
        self.name = program.fresh(*_names(rng, self.verb, self.noun))
        self.route = _route(rng, self.verb, self.noun)
        self.params: list[str] = []
        self.path_params: list[tuple[str, str]] = []
        self.is_async = False
        self.is_class = False
        self.doc: list[str] = []
        self.lines: list[str] = []
        self.early: list[str] = []
        self.attrs: list[str] = []
        self.route_methods = False
        self.locals: set[str] = set()
        self.json_var: str | None = None
        framework.start(self)

    def var(self, *options: str) -> str:
        """A local name not yet used in this handler."""
        options = tuple(f"{option}_value" if keyword.iskeyword(option) else option for option in options)
        for option in options:
            if option not in self.locals:
                self.locals.add(option)
                return option
        number = 2
        while f"{options[0]}{number}" in self.locals:
            number += 1
        self.locals.add(f"{options[0]}{number}")
        return f"{options[0]}{number}"

    # what operations ask of a framework; each gives statements
    def read(self, var, key, where, default=None):
        return self.fw.read(self, var, key, where, default)

    def text(self, expr):
        return self.fw.text(self, expr)

    def json(self, pairs):
        return self.fw.json(self, pairs)

    def html(self, expr):
        return self.fw.html(self, expr)

    def error(self, code, message):
        return self.fw.error(self, code, message)

    def redirect(self, expr):
        return self.fw.redirect(self, expr)

    def done(self):
        """A short answer without content of interest."""
        return self.fw.done(self)

    def dict(self, pairs) -> str:
        return "{" + ", ".join(f"{self.p.q(k)}: {v}" for k, v in pairs) + "}"


def _names(rng, verb, noun):
    many = text.plural(noun)
    options = [
        f"{verb}_{noun}",
        noun,
        f"{noun}_{verb}",
        many,
        f"{verb}_{many}",
        f"{noun}_{text.noun(rng)}",
        f"{verb}_{noun}_{text.noun(rng)}",
        f"{verb}_{text.adjective(rng)}_{noun}",
        f"{text.adjective(rng)}_{noun}",
        f"{noun}_view",
        f"do_{verb}",
        f"{noun}_{text.noun(rng)}_{text.noun(rng)}",
    ]
    first = rng.choice(options)
    return [first, f"{verb}_{noun}", f"{verb}_the_{noun}"]


def _route(rng, verb, noun):
    many = text.plural(noun)
    sep = "-" if text.chance(rng, 0.3) else "/"
    options = [
        f"/{noun}",
        f"/{many}",
        f"/{noun}/{verb}",
        f"/{many}/{verb}",
        f"/{verb}{sep}{noun}",
        f"/api/{noun}",
        f"/api/{many}",
        f"/api/v1/{many}",
        f"/{text.noun(rng)}/{noun}",
        f"/{many}/{text.noun(rng)}",
        f"/{verb}",
        f"/{text.noun(rng)}/{noun}/{verb}",
        f"/admin/{many}",
        f"/{text.adjective(rng)}-{noun}",
    ]
    return rng.choice(options)
