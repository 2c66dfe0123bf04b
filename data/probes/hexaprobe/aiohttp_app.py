"""aiohttp, the real one: requests of its own test utilities, through the application's router where a handler has a
route, straight to the handler where the route is elsewhere. Its client is answered like any other request outside."""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import types
from typing import Any

from hexaprobe.asgi_app import note_sent_file
from hexaprobe.entries import Entry, Outcome, line_of
from hexaprobe.network import note_request
from hexaprobe.standins import Anything
from hexaprobe.web import (
    NotedCookies,
    NotedPath,
    Wire,
    called_by_program,
    looked_up,
    noted,
    noted_json,
    outcome,
    path_text,
)
from hexaprobe.world import PROGRAM

_METHODS = ("get", "post", "put", "patch", "delete")
_program = [""]


def install(program: str) -> None:
    """Makes requests say what is looked up in them; nothing listens and nothing goes out."""
    _program[:] = [program]
    import aiohttp.web
    from aiohttp.web_request import BaseRequest
    from multidict import CIMultiDict, CIMultiDictProxy, MultiDict, MultiDictProxy

    lookups = ("get", "__getitem__", "getone", "getall", "__contains__")
    query_kind, form_kind = (noted(MultiDictProxy, source, lookups) for source in ("args", "form"))
    files_kind = noted(MultiDictProxy, "files", lookups)
    header_kind = noted(CIMultiDictProxy, "headers", lookups)
    real = {name: getattr(BaseRequest, name) for name in ("read", "json", "post", "text")}
    real_query, real_headers, real_cookies = (vars(BaseRequest)[name] for name in ("query", "headers", "cookies"))

    def query(self: Any) -> Any:
        return query_kind(MultiDict(real_query.__get__(self, BaseRequest)))

    def headers(self: Any) -> Any:
        found = real_headers.__get__(self, BaseRequest)
        return header_kind(CIMultiDict(found)) if called_by_program() else found

    async def read(self: Any) -> bytes:
        if called_by_program():
            looked_up("body", "")
        return await real["read"](self)

    async def text(self: Any) -> str:
        if called_by_program():
            looked_up("body", "")
        return await real["text"](self)

    async def read_json(self: Any, **named: Any) -> Any:
        looked_up("uses", "json")
        return noted_json(await real["json"](self, **named))

    async def post(self: Any) -> Any:
        looked_up("uses", "form")
        found = MultiDict(await real["post"](self))
        uploads = re.search(r"\.filename|\.file\b|FileField", _program[0]) is not None
        return (files_kind if uploads else form_kind)(found)

    BaseRequest.query, BaseRequest.headers = property(query), property(headers)
    BaseRequest.cookies = property(lambda self: NotedCookies(real_cookies.__get__(self, BaseRequest)))
    BaseRequest.read, BaseRequest.text, BaseRequest.json, BaseRequest.post = read, text, read_json, post
    _lenient(BaseRequest)
    _lenient(aiohttp.web.Application)
    aiohttp.web.run_app = lambda *_args, **_named: None
    real_file = aiohttp.web.FileResponse.__init__

    def file_init(self: Any, path: Any, *args: Any, **named: Any) -> None:
        note_sent_file(path)
        real_file(self, path, *args, **named)

    aiohttp.web.FileResponse.__init__ = file_init
    aiohttp.ClientSession._request = _client_request


def _lenient(kind: type) -> None:
    """What a start-up that is not run would have put into the application is there."""
    real = kind.__getitem__

    def item(self: Any, key: Any) -> Any:
        try:
            return real(self, key)
        except KeyError:
            return Anything(str(key))

    kind.__getitem__ = item


class _Answer:
    """What the client gets back."""

    def __init__(self, url: str, body: bytes) -> None:
        self.url, self.body, self.status, self.ok, self.reason = url, body, 200, True, "OK"
        self.headers = {"Content-Type": "application/json", "Content-Length": str(len(body))}
        self.content_type = "application/json"
        self.content = types.SimpleNamespace(read=self._part, iter_chunked=self._chunks, iter_any=self._chunks)

    async def __aenter__(self) -> Any:
        return self

    async def __aexit__(self, *_error: object) -> None:
        return

    async def read(self) -> bytes:
        return self.body

    async def text(self, *_rest: Any, **_named: Any) -> str:
        return self.body.decode("utf-8", "replace")

    async def json(self, *_rest: Any, **_named: Any) -> Any:
        return json.loads(self.body)

    async def _part(self, *_rest: Any) -> bytes:
        return self.body

    async def _chunks(self, *_rest: Any) -> Any:
        yield self.body

    def raise_for_status(self) -> None:
        return

    def release(self) -> None:
        return

    def close(self) -> None:
        return


async def _client_request(self: Any, _method: str, url: Any, **named: Any) -> Any:
    whole = self._build_url(url) if hasattr(self, "_build_url") else url
    params = named.get("params")
    return _Answer(str(whole), note_request(whole.update_query(params) if params else whole))


def entries(names: dict[str, Any]) -> list[Entry]:
    """Routes of every application and route table; then handlers without a route."""
    if re.search(r"aiohttp[^\n]*\bweb\b|aiohttp\.web", _program[0]) is None:
        return []
    from aiohttp import web

    apps = [value for value in names.values() if isinstance(value, web.Application)]
    app = max(apps, key=lambda one: len(list(one.router.routes())), default=None) or web.Application()
    known = {id(route.handler) for route in app.router.routes()}
    for value in names.values():
        if isinstance(value, web.RouteTableDef) and not any(
            id(getattr(one, "handler", None)) in known for one in value
        ):
            app.add_routes(value)
    known = {id(route.handler) for route in app.router.routes()}
    out = _routes(app)
    for name, value in list(names.items()):
        if id(value) in known:
            continue
        if isinstance(value, type) and issubclass(value, web.View) and value.__module__ in ("program", "__main__"):
            out += [
                _bare(f"{method.upper()} view {name}", value, getattr(value, method), method)
                for method in _METHODS
                if hasattr(value, method)
            ]
        elif _is_handler(value):
            out.append(_bare(f"handler {name}", value, value, _method_of(value)))
    return out


def _is_handler(value: Any) -> bool:
    if (
        not inspect.iscoroutinefunction(value)
        or getattr(value, "__code__", None) is None
        or value.__code__.co_filename != PROGRAM
    ):
        return False
    parameters = list(inspect.signature(value).parameters.values())
    if len(parameters) != 1:
        return False
    return parameters[0].name in ("request", "req", "_request") or str(parameters[0].annotation).endswith(
        ("Request", "Request'>")
    )


def _method_of(function: Any) -> str:
    return "post" if re.search(r"\bawait \w+\.(post|json|read|text|multipart)\b", _source(function)) else "get"


def _source(function: Any) -> str:
    lines = _program[0].split("\n")
    return "\n".join(lines[function.__code__.co_firstlineno - 1 :][:60])


def _routes(app: Any) -> list[Entry]:
    out = []
    for route in app.router.routes():
        handler, path = route.handler, route.resource.canonical if route.resource is not None else ""
        view = isinstance(handler, type)
        function = handler if not view else None
        methods = (
            [name.upper() for name in _METHODS if hasattr(handler, name)]
            if view
            else [route.method if route.method != "*" else "GET"]
        )
        code = getattr(function, "__code__", None)
        if "HEAD" in methods or not (view or (code is not None and code.co_filename == PROGRAM)):
            continue
        inputs = [("path", name) for name in re.findall(r"\{(\w+)", path)]
        for method in methods:
            line = line_of(getattr(handler, method.lower()) if view else handler)
            out.append(Entry(f"{method} {path}", "route", line, inputs, _routed(app, path, method)))
    app.pre_freeze()
    return out


def _bare(name: str, handler: Any, function: Any, method: str) -> Entry:
    return Entry(name, "route", line_of(function), [], _straight(handler, method.upper()))


def _routed(app: Any, path: str, method: str) -> Any:
    def drive(values: dict[tuple[str, str], Any]) -> Outcome:
        filled = re.sub(r"\{(\w+)[^{}]*\}", lambda match: path_text(values.get(("path", match[1]), "1")), path)
        wire = Wire(values, method, filled)
        return asyncio.run(_ask(wire, app._handle, {}))

    return drive


def _straight(handler: Any, method: str) -> Any:
    async def call(request: Any) -> Any:
        return await handler(request)

    def drive(values: dict[tuple[str, str], Any]) -> Outcome:
        path = {
            key: value if isinstance(value, str) else str(value)
            for (source, key), value in values.items()
            if source == "path"
        }
        return asyncio.run(_ask(Wire(values, method, "/hexaprobe"), call, path))

    return drive


class _Writer:
    """Takes what a handler writes piece by piece."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.output_size = 0
        self.length = None
        self.transport = None

    async def write_headers(self, *_rest: Any) -> None:
        return

    async def write(self, chunk: Any = b"", **_named: Any) -> None:
        self.data += bytes(chunk)

    async def write_eof(self, chunk: Any = b"") -> None:
        self.data += bytes(chunk)

    async def drain(self) -> None:
        return

    def send_headers(self) -> None:
        return

    def enable_compression(self, *_rest: Any, **_named: Any) -> None:
        return

    def enable_chunking(self) -> None:
        return


async def _ask(wire: Wire, call: Any, path: dict[str, str]) -> Outcome:
    from aiohttp import StreamReader, web
    from aiohttp.base_protocol import BaseProtocol
    from aiohttp.test_utils import make_mocked_request

    loop = asyncio.get_running_loop()
    payload = StreamReader(BaseProtocol(loop), 2**16, loop=loop)
    payload.feed_data(wire.body)
    payload.feed_eof()
    writer = _Writer()
    app = web.Application()
    request = make_mocked_request(
        wire.method, wire.target, dict(wire.headers), app=app, writer=writer, payload=payload
    )
    if path is not None:
        request._match_info = _PathInfo(path, request._match_info)
    caught: BaseException | None = None
    try:
        answer = await call(request)
    except web.HTTPException as error:
        answer = error
    except Exception as error:
        answer, caught = None, error
    if answer is None or not hasattr(answer, "status"):
        return outcome(500, [], b"", caught or RuntimeError("the handler returned no response"))
    pairs = [(str(key), str(value)) for key, value in answer.headers.items()]
    return outcome(answer.status, pairs, _body_of(answer) or bytes(writer.data), caught)


class _PathInfo(NotedPath):
    """Parts of the path for a handler whose route is not known: what it asks for is learnt."""

    def __init__(self, path: dict[str, str], real: Any) -> None:
        super().__init__(path)
        self._real = real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


def _body_of(answer: Any) -> bytes:
    body = getattr(answer, "body", b"")
    if isinstance(body, (bytes, bytearray)):
        return bytes(body)
    text = getattr(answer, "text", None)
    return text.encode() if isinstance(text, str) else b""
