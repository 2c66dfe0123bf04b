"""Bottle, the real one: requests go through the application's WSGI door."""

from __future__ import annotations

import io
import re
from typing import Any

from hexaprobe.entries import Entry, Outcome, line_of
from hexaprobe.web import Wire, called_by_program, looked_up, noted_json, outcome, path_text, shown
from hexaprobe.world import PROGRAM

_PARTS = {"query": "args", "forms": "form", "files": "files", "params": "values", "cookies": "cookies"}


def install() -> None:
    """Makes requests say what is looked up in them; nothing listens."""
    import bottle

    request = bottle.BaseRequest
    for name, source in _PARTS.items():
        _tag(vars(request)[name], source)
    real_json = vars(request)["json"].getter
    vars(request)["json"].getter = lambda self: _json_of(real_json, self)
    for name in ("get", "__getitem__", "__contains__", "getall", "getunicode"):
        _note(bottle.FormsDict, name, lambda self: vars(self).get("hexasource"))
    for name in ("get", "__getitem__", "__contains__"):
        _note(bottle.WSGIHeaderDict, name, lambda _self: "headers")
    real_body = request.body.fget

    def body(self: Any) -> Any:
        if called_by_program():
            looked_up("body", "")
        return real_body(self)

    request.body = property(body)
    bottle.run = lambda *_args, **_named: None
    bottle.Bottle.run = lambda *_args, **_named: None
    real_template = bottle.template

    def template(*args: Any, **named: Any) -> Any:
        try:
            return real_template(*args, **named)
        except bottle.TemplateError as error:
            if "not found" not in str(error):
                raise
            given = {key: value for one in args[1:] if isinstance(one, dict) for key, value in one.items()}
            return shown({**given, **named})

    bottle.template = bottle.jinja2_template = bottle.mako_template = template


def _tag(part: Any, source: str) -> None:
    real = part.getter

    def getter(self: Any) -> Any:
        found = real(self)
        vars(found)["hexasource"] = source
        return found

    part.getter = getter


def _json_of(real: Any, request: Any) -> Any:
    if called_by_program(4):
        looked_up("uses", "json")
        return noted_json(real(request))
    return real(request)


def _note(kind: type, name: str, source_of: Any) -> None:
    real = getattr(kind, name)

    def call(self: Any, key: Any, *rest: Any, **named: Any) -> Any:
        source = source_of(self)
        # Bottle itself copies forms key by key.
        if source is not None and called_by_program(3):
            looked_up(source, key, rest[0] if rest else named.get("default"))
        return real(self, key, *rest, **named)

    setattr(kind, name, call)


def entries(names: dict[str, Any]) -> list[Entry]:
    """Routes of every application, that of the module among them."""
    import bottle

    apps = list(
        {
            id(app): app
            for app in [
                *[value for value in names.values() if isinstance(value, bottle.Bottle)],
                bottle.default_app(),
            ]
        }.values()
    )
    out = []
    for app in apps:
        app.catchall = False
        for route in app.routes:
            code = getattr(_unwrapped(route.callback), "__code__", None)
            if code is None or code.co_filename != PROGRAM:
                continue
            inputs = [("path", name) for name in re.findall(r"<(\w+)", route.rule)]
            for method in ["GET", "POST"] if route.method == "ANY" else [route.method]:
                out.append(
                    Entry(
                        f"{method} {route.rule}",
                        "route",
                        line_of(route.callback),
                        inputs,
                        _driver(app, route.rule, method),
                    )
                )
    return out


def _unwrapped(function: Any) -> Any:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def _driver(app: Any, rule: str, method: str) -> Any:
    def part(match: re.Match[str], values: dict[tuple[str, str], Any]) -> str:
        value = values.get(("path", match[1]), "1")
        return path_text(value, slashes=(match[2] or "").startswith((":path", ":re")))

    def drive(values: dict[tuple[str, str], Any]) -> Outcome:
        path = re.sub(r"<(\w+)(:[^<>]*)?>", lambda match: part(match, values), rule)
        return _ask(app, Wire(values, method, path))

    return drive


def _ask(app: Any, wire: Wire) -> Outcome:
    from urllib.parse import unquote_to_bytes

    environ = {
        **wire.environ,
        "PATH_INFO": unquote_to_bytes(wire.path).decode("latin-1"),
        "wsgi.input": io.BytesIO(wire.body),
        "wsgi.errors": io.StringIO(),
    }
    for key, value in wire.headers:
        name = key.upper().replace("-", "_")
        if name not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            environ["HTTP_" + name] = value
    started: list[Any] = []

    def start_response(status: str, headers: Any, exc_info: Any = None) -> Any:
        started[:] = [status, headers, exc_info]
        return lambda _data: None

    try:
        parts = app(environ, start_response)
        body = b"".join(part if isinstance(part, bytes) else str(part).encode() for part in parts)
    except Exception as error:
        return outcome(500, [], b"", error)
    caught = started[2][1] if started[2] else None
    return outcome(int(started[0].split(" ")[0]), list(started[1]), body, caught)
