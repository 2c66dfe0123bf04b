"""What the drivers of web frameworks have in common: a request made of values, an answer as an outcome, and the
noting of what a handler looks up. Each framework answers the request itself, in this process, without a socket."""

from __future__ import annotations

import asyncio
import json
import sys
import urllib.parse
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import quote

from hexaprobe import layers
from hexaprobe.entries import MOST_BODY, Outcome, failed
from hexaprobe.flask_app import _NOT_INPUT, NotedJson, _request_of
from hexaprobe.world import PROGRAM, program_line, world

_SHOWN = ("set-cookie", "x-content-type-options")
CLIENT = ("203.0.113.7", 40000)


class Wire:
    """A request as it goes over the wire."""

    def __init__(self, values: dict[tuple[str, str], Any], method: str, path: str) -> None:
        """Makes it of values; the path is quoted already."""
        from werkzeug.test import EnvironBuilder

        builder = EnvironBuilder(path="/", method=method, **_request_of(values, method))
        self.environ = builder.get_environ()
        builder.close()
        # Not every parser takes the empty line that may stand in front of the first part.
        self.body: bytes = self.environ["wsgi.input"].read().removeprefix(b"\r\n")
        self.method, self.path = method, path
        self.query: str = self.environ["QUERY_STRING"]
        self.headers = self._headers(values)
        world.sent = (method, self.query, self.body)

    @property
    def target(self) -> str:
        """Path and query."""
        return f"{self.path}?{self.query}" if self.query else self.path

    def _headers(self, values: dict[tuple[str, str], Any]) -> list[tuple[str, str]]:
        out = [("Host", "localhost"), ("User-Agent", "hexaprobe")]
        if self.body or self.method not in ("GET", "DELETE"):
            out.append(("Content-Length", str(len(self.body))))
        if self.environ.get("CONTENT_TYPE"):
            out.append(("Content-Type", self.environ["CONTENT_TYPE"]))
        cookies = [f"{key}={_cookie(value)}" for (source, key), value in values.items() if source == "cookies"]
        if cookies:
            out.append(("Cookie", "; ".join(cookies)))
        given = {
            key: plain_text(value).replace("\r", "").replace("\n", "")
            for (source, key), value in values.items()
            if source == "headers"
        }
        # A line break in a header, as a server in front leaves it that unfolds headers.
        given |= {key: plain_text(value) for (source, key), value in values.items() if source == "unfolded"}
        known = {key.lower() for key in given}
        return [*(pair for pair in out if pair[0].lower() not in known), *given.items()]


def _cookie(value: Any) -> str:
    jar: SimpleCookie = SimpleCookie()
    jar["c"] = plain_text(value)
    return jar["c"].coded_value


def plain_text(value: Any) -> str:
    """A value where only text fits."""
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def path_text(value: Any, slashes: bool = False) -> str:
    """A value as a part of a path."""
    return quote(plain_text(value), safe="/" if slashes else "")


def outcome(status: int, headers: list[tuple[str, str]], body: bytes, caught: BaseException | None) -> Outcome:
    """An answer as an outcome; what was raised on the way says more than the page about it."""
    if caught is not None and (status >= 500 or status == 0):
        out = failed(caught, PROGRAM)
        out.status = status or None
        return out
    named = {key.lower(): value for key, value in headers}
    state = "ok" if 0 < status < 400 else "refused" if 400 <= status < 500 else "failed"
    kind = named.get("content-type", "").split(";")[0].strip()
    out = Outcome(state, status=status, mimetype=kind, location=named.get("location"))
    out.body = body[:MOST_BODY].decode("utf-8", "replace")
    out.headers = shown_headers(named)
    return out


def shown_headers(named: dict[str, str]) -> dict[str, str]:
    """Headers that say something: those that judges ask for, and what the input is in."""
    return {key: value for key, value in named.items() if key in _SHOWN or "hexa" in key or "hexa" in value}


def called_by_program(depth: int = 1) -> bool:
    """Whether one of the nearest callers of the caller is the program."""
    frame = sys._getframe(2)
    for _ in range(depth):
        if frame is None:
            return False
        if frame.f_code.co_filename == PROGRAM:
            return True
        frame = frame.f_back
    return False


def looked_up(source: str, key: Any, default: Any = None) -> None:
    """Notes a lookup that the program is behind."""
    if (
        isinstance(key, str)
        and program_line() is not None
        and not (source == "headers" and key.lower() in _NOT_INPUT)
    ):
        world.looked_up(source, key, default)


def noted(kind: type, source: str, methods: tuple[str, ...]) -> type:
    """A kind of mapping whose lookups are noted."""

    def watched(name: str) -> Any:
        real = getattr(kind, name)

        def call(self: Any, key: Any, *rest: Any, **named: Any) -> Any:
            looked_up(source, key, rest[0] if name == "get" and rest else named.get("default"))
            return real(self, key, *rest, **named)

        return call

    return type(f"Noted_{source}", (kind,), {name: watched(name) for name in methods})


NotedCookies = noted(dict, "cookies", ("get", "__getitem__", "__contains__"))
NotedPath = noted(dict, "path", ("get", "__getitem__", "__contains__"))
_NotedArgs = noted(dict, "args", ("get", "__getitem__", "__contains__"))
_NotedForm = noted(dict, "form", ("get", "__getitem__", "__contains__"))


def noted_json(value: Any) -> Any:
    """The body's JSON, saying what is looked up in it."""
    looked_up("uses", "json")
    return NotedJson(value) if type(value) is dict else value


class _JsonWithin(NotedJson):
    """A JSON object in a part of the input."""

    part = ("", "")

    def _note(self, key: Any, default: Any = None) -> None:
        layers.field_looked_up(self.part, key)


def _same(given: Any, sent: bytes) -> bool:
    data = (
        given.encode("utf-8", "surrogateescape")
        if isinstance(given, str)
        else bytes(given)
        if isinstance(given, (bytes, bytearray))
        else b""
    )
    return data.strip() == sent.strip()


def _install_parsers() -> None:
    """What a program parses of a request by itself is noted, too: JSON of the body, fields of body and query."""
    real_loads, real_qs = json.loads, urllib.parse.parse_qs

    def loads(text: Any, *args: Any, **named: Any) -> Any:
        if world.sent is not None and world.watching and called_by_program() and _same(text, world.sent[2]):
            # Before it parses: a body that is not yet JSON shows that it should be.
            looked_up("uses", "json")
            return noted_json(real_loads(text, *args, **named))
        part = layers.owner(text) if called_by_program() else None
        if part is None:
            return real_loads(text, *args, **named)
        layers.field_looked_up(part, "")
        value = real_loads(text, *args, **named)
        return type("JsonWithin", (_JsonWithin,), {"part": part})(value) if type(value) is dict else value

    def parse_qs(text: Any, *args: Any, **named: Any) -> Any:
        found = real_qs(text, *args, **named)
        if world.sent is None or not world.watching or not called_by_program():
            return found
        method, query, body = world.sent
        if isinstance(text, str) and text == query and not (text == "" and method == "POST"):
            return _NotedArgs(found)
        if _same(text, body):
            looked_up("uses", "form")
            return (_NotedForm if isinstance(text, str) else dict)(found)
        return found

    json.loads = loads
    urllib.parse.parse_qs = parse_qs


def _install_threads() -> None:
    """Work that a program gives to a thread is done at once, with the program on the stack."""

    def run_in_executor(self: Any, _executor: Any, function: Any, *args: Any) -> Any:
        future = self.create_future()
        try:
            future.set_result(function(*args))
        except Exception as error:
            future.set_exception(error)
        return future

    real_sleep = asyncio.sleep
    asyncio.sleep = lambda _seconds, result=None: real_sleep(0, result)
    asyncio.base_events.BaseEventLoop.run_in_executor = run_in_executor
    anyio = sys.modules.get("anyio.to_thread")
    if anyio is not None:

        async def run_sync(function: Any, *args: Any, **_named: Any) -> Any:
            return function(*args)

        anyio.run_sync = run_sync


def install() -> None:
    """Puts them in place."""
    layers.install()
    _install_parsers()
    _install_threads()


def shown(values: dict[str, Any]) -> str:
    """The page of a template that is not part of the program: what it is given, escaped."""
    import html

    text = "; ".join(f"{key}={value}" for key, value in values.items())
    return f"<html><body><p>{html.escape(text)}</p></body></html>"
