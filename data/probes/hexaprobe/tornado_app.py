"""Tornado, the real one: a request is given to the application's own dispatcher over a connection that is a list.
Handlers without a route get one, with as many parts of the path as they take."""

from __future__ import annotations

import asyncio
import inspect
import io
from typing import Any

from hexaprobe.entries import Entry, Outcome, line_of
from hexaprobe.network import note_request
from hexaprobe.standins import Anything
from hexaprobe.web import Wire, called_by_program, looked_up, noted, outcome, path_text, shown
from hexaprobe.world import PROGRAM

_METHODS = ("get", "post", "put", "patch", "delete")


def install() -> None:
    """Makes requests say what is looked up in them; nothing listens and nothing goes out."""
    import tornado.httpclient
    import tornado.ioloop
    import tornado.web

    handler = tornado.web.RequestHandler
    real_arguments, real_cookie, real_render = handler._get_arguments, handler.get_cookie, handler.render_string

    def arguments(self: Any, name: str, source: Any, strip: bool = True) -> Any:
        request = self.request
        looked_up(
            "args" if source is request.query_arguments else "form" if source is request.body_arguments else "values",
            name,
        )
        return real_arguments(self, name, source, strip)

    def cookie(self: Any, name: str, default: Any = None) -> Any:
        looked_up("cookies", name)
        return real_cookie(self, name, default)

    def render_string(self: Any, name: str, **named: Any) -> bytes:
        # Only templates that are part of the program are there.
        return (
            real_render(self, name, **named)
            if "template_loader" in self.application.settings
            else shown(named).encode()
        )

    def remember(self: Any, _kind: Any, error: Any, _trace: Any) -> None:
        self.request.hexacaught = error

    handler._get_arguments, handler.get_cookie, handler.render_string, handler.log_exception = (
        arguments,
        cookie,
        render_string,
        remember,
    )
    handler.get_current_user = lambda _self: "hexabenign"
    handler.get_signed_cookie = handler.get_secure_cookie = lambda _self, *_args, **_named: b"hexabenign"
    handler.check_xsrf_cookie = lambda _self: None
    tornado.web.Application.listen = lambda *_args, **_named: None
    tornado.ioloop.IOLoop.start = lambda _self: None
    tornado.httpclient.AsyncHTTPClient = _AsyncClient
    tornado.httpclient.HTTPClient = _Client


class _Client:
    """Answers itself."""

    def __init__(self, *_args: Any, **_named: Any) -> None:
        return

    def fetch(self, request: Any, *_args: Any, **_named: Any) -> Any:
        from tornado.httpclient import HTTPRequest, HTTPResponse

        asked = request if isinstance(request, HTTPRequest) else HTTPRequest(str(request))
        return HTTPResponse(asked, 200, buffer=io.BytesIO(note_request(asked.url)))

    def close(self) -> None:
        return


class _AsyncClient(_Client):
    """Answers itself, when it is waited for."""

    async def fetch(self, request: Any, *_args: Any, **_named: Any) -> Any:
        """A response."""
        return _Client.fetch(self, request)

    @classmethod
    def configure(cls, *_args: Any, **_named: Any) -> None:
        """Nothing to set."""


def entries(names: dict[str, Any]) -> list[Entry]:
    """Handlers of every application's routes, and those without one."""
    import tornado.web

    out, known = [], set()
    for app in [value for value in names.values() if isinstance(value, tornado.web.Application)]:
        for rule in app.wildcard_router.rules:
            template = getattr(rule.matcher, "_path", None)
            if (
                isinstance(rule.target, type)
                and rule.target.__module__ in ("program", "__main__")
                and template is not None
            ):
                known.add(rule.target)
                out += _of_class(rule.target, template, app)
    for name, kind in list(names.items()):
        if not (
            isinstance(kind, type)
            and issubclass(kind, tornado.web.RequestHandler)
            and kind.__module__ in ("program", "__main__")
        ):
            continue
        if kind not in known:
            out += _of_class(kind, f"/{name}", None)
    return out


def _of_class(kind: type, template: str, app: Any) -> list[Entry]:
    out = []
    for method in _METHODS:
        function = inspect.unwrap(getattr(kind, method))
        if getattr(function, "__code__", None) is None or function.__code__.co_filename != PROGRAM:
            continue
        parts = [
            one.name
            for one in list(inspect.signature(function).parameters.values())[1:]
            if one.kind is one.POSITIONAL_OR_KEYWORD
        ]
        parts = parts[: template.count("%s")] if app is not None else parts
        own = app if app is not None else _application(kind, template, len(parts))
        path = template if app is not None else template + "/%s" * len(parts)
        out.append(
            Entry(
                f"{method.upper()} {path}",
                "route",
                line_of(function),
                [("path", part) for part in parts],
                _driver(own, path, parts, method.upper()),
            )
        )
    return out


def _application(kind: type, template: str, parts: int) -> Any:
    import tornado.web

    wanted = [
        name for name in inspect.signature(kind.initialize).parameters if name not in ("self", "args", "kwargs")
    ]
    given = {name: Anything(name) for name in wanted}
    return tornado.web.Application([(template + "/([^/]+)" * parts, kind, given)])


class _Connection:
    """Takes the answer."""

    def __init__(self) -> None:
        self.status, self.headers, self.body = 0, [], bytearray()
        self.context = type("Context", (), {"remote_ip": "203.0.113.7", "protocol": "http"})()

    def set_close_callback(self, _callback: Any) -> None:
        return

    def write_headers(self, start: Any, headers: Any, chunk: Any = None) -> Any:
        self.status, self.headers = start.code, list(headers.get_all())
        return self.write(chunk or b"")

    def write(self, chunk: Any) -> Any:
        self.body += bytes(chunk)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done

    def finish(self) -> None:
        return

    def detach(self) -> Any:
        return None


def _driver(app: Any, path: str, parts: list[str], method: str) -> Any:
    def drive(values: dict[tuple[str, str], Any]) -> Outcome:
        filled = path
        for part in parts:
            filled = filled.replace("%s", path_text(values.get(("path", part), "1")).replace("%", "%%"), 1)
        wire = Wire(values, method, filled.replace("%%", "%").rstrip("?"))
        return asyncio.run(_ask(app, wire))

    return drive


async def _ask(app: Any, wire: Wire) -> Outcome:
    from tornado.httputil import HTTPHeaders

    connection = _Connection()
    headers = noted(HTTPHeaders, "headers", ("get", "__getitem__", "__contains__"))()
    for key, value in wire.headers:
        headers.add(key, value)
    app.settings.setdefault("cookie_secret", "hexaprobe")
    app.settings["xsrf_cookies"] = False
    request = _request_kind()(
        method=wire.method,
        uri=wire.target,
        version="HTTP/1.1",
        headers=headers,
        body=wire.body,
        host="localhost",
        connection=connection,
    )
    request.hexacaught = None
    before = asyncio.all_tasks()
    app.find_handler(request).execute()
    # The dispatcher does not say when it is done: its task is the one that was not there before.
    own = asyncio.all_tasks() - before
    if own:
        await asyncio.wait(own, timeout=5)
    return outcome(connection.status, connection.headers, bytes(connection.body), request.hexacaught)


_kinds: list[Any] = []


def _request_kind() -> Any:
    """A request that says when the program reads its body, its files or its fields."""
    if _kinds:
        return _kinds[0]
    from tornado.httputil import HTTPServerRequest

    files = noted(dict, "files", ("get", "__getitem__", "__contains__"))
    fields = {
        name: noted(dict, source, ("get", "__getitem__", "__contains__"))
        for name, source in (("arguments", "values"), ("query_arguments", "args"), ("body_arguments", "form"))
    }

    class Request(HTTPServerRequest):
        def __getattribute__(self, name: str) -> Any:
            found = super().__getattribute__(name)
            if name not in ("body", "files", "cookies", *fields) or not called_by_program():
                return found
            if name == "body":
                looked_up("body", "")
                return found
            return files(found) if name == "files" else fields[name](found) if name in fields else found

    _kinds.append(Request)
    return Request
