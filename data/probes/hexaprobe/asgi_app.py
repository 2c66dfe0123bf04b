"""FastAPI and Starlette, the real ones: requests go through the application's own ASGI door. What a FastAPI handler
reads is declared; what reads the request itself is learnt from its asking."""

from __future__ import annotations

import asyncio
import os
import re
import sys
import types
from typing import Any
from urllib.parse import unquote

from hexaprobe.entries import Entry, Outcome, line_of
from hexaprobe.flask_app import _session_names
from hexaprobe.inputs import Key
from hexaprobe.web import (
    CLIENT,
    NotedCookies,
    Wire,
    called_by_program,
    looked_up,
    noted_json,
    outcome,
    path_text,
    shown,
)
from hexaprobe.world import PROGRAM, world

_program = [""]
_FILE_KEY = re.compile(r"file|upload|image|photo|pic|doc|archive|avatar|attachment|data|csv|zip|tar", re.I)


def install(program: str) -> None:
    """Makes requests say what is looked up in them, and answers that send a file say so when they are made."""
    _program[:] = [program]
    try:
        import starlette.datastructures as data
        import starlette.requests as requests
        import starlette.responses as responses
        import starlette.templating as templating
    except ImportError:
        return
    _note_mapping(
        data.ImmutableMultiDict, ("get", "__getitem__", "__contains__", "getlist", "multi_items"), _source_of
    )
    _note_mapping(data.Headers, ("get", "__getitem__", "__contains__", "getlist"), lambda _self, _key: "headers")
    connection = requests.HTTPConnection
    real_cookies = connection.cookies.fget
    connection.cookies = property(lambda self: NotedCookies(real_cookies(self)))
    real = {name: getattr(requests.Request, name) for name in ("body", "json", "form", "stream")}

    async def body(self: Any) -> bytes:
        if called_by_program():
            looked_up("body", "")
        return await real["body"](self)

    async def read_json(self: Any) -> Any:
        if called_by_program():
            looked_up("uses", "json")
            return noted_json(await real["json"](self))
        return await real["json"](self)

    def form(self: Any, *args: Any, **named: Any) -> Any:
        looked_up("uses", "form")
        return real["form"](self, *args, **named)

    def stream(self: Any) -> Any:
        if called_by_program():
            looked_up("body", "")
        return real["stream"](self)

    requests.Request.body, requests.Request.json = body, read_json
    requests.Request.form, requests.Request.stream = form, stream
    _note_files(responses.FileResponse)
    templating.Jinja2Templates = _Templates


def _source_of(self: Any, key: Any) -> str:
    if type(self).__name__ != "FormData":
        return "args"
    return "files" if ".filename" in _program[0] and _FILE_KEY.search(str(key)) else "form"


def _note_mapping(kind: type, methods: tuple[str, ...], source_of: Any) -> None:
    for name in methods:
        real = getattr(kind, name, None)
        if real is None or name == "multi_items":
            continue

        def call(self: Any, key: Any, *rest: Any, _real: Any = real, **named: Any) -> Any:
            looked_up(source_of(self, key), key, rest[0] if rest else named.get("default"))
            return _real(self, key, *rest, **named)

        setattr(kind, name, call)


def _note_files(kind: type) -> None:
    real = kind.__init__

    def init(self: Any, path: Any, *args: Any, **named: Any) -> None:
        note_sent_file(path)
        real(self, path, *args, **named)

    kind.__init__ = init


def note_sent_file(path: Any) -> None:
    """A file that an answer sends is opened when the handler is gone, so its opening is noted here."""
    if world.watching and isinstance(path, (str, os.PathLike)):
        try:
            open(path, "rb").close()
        except OSError:
            return


class _Templates:
    """Templates that are not part of the program show what they are given, escaped."""

    def __init__(self, *_args: Any, **named: Any) -> None:
        import jinja2

        self.env = named.get("env") or jinja2.Environment(autoescape=True)

    def TemplateResponse(self, *args: Any, **named: Any) -> Any:
        from starlette.responses import HTMLResponse

        contexts = [value for value in [*args, named.get("context")] if isinstance(value, dict)]
        context = {key: value for key, value in (contexts[0] if contexts else {}).items() if key != "request"}
        return HTMLResponse(shown(context), named.get("status_code", 200))

    def get_template(self, _name: str) -> Any:
        return types.SimpleNamespace(render=lambda *args, **named: shown({**(args[0] if args else {}), **named}))


def entries(names: dict[str, Any]) -> list[Entry]:
    """Routes of every application; routers without one get one."""
    if "starlette" not in sys.modules:
        return []
    import starlette.applications
    import starlette.routing

    apps = [value for value in names.values() if isinstance(value, starlette.applications.Starlette)]
    app = max(apps, key=lambda one: len(one.routes), default=None)
    routers = [value for value in names.values() if isinstance(value, starlette.routing.Router)]
    if app is None and routers:
        fastapi = sys.modules.get("fastapi")
        if fastapi is not None:
            app = fastapi.FastAPI()
            for router in routers:
                app.include_router(router)
        else:
            app = starlette.applications.Starlette(routes=[route for router in routers for route in router.routes])
    elif app is not None and hasattr(app, "include_router"):
        known = {id(route.endpoint) for _path, route in _with_paths(app.routes, "")}
        for router in routers:
            if not known & {id(getattr(route, "endpoint", None)) for route in router.routes}:
                app.include_router(router)
    return [] if app is None else _routes(app)


def _routes(app: Any) -> list[Entry]:
    out = []
    for path, route in _with_paths(app.routes, ""):
        endpoint = route.endpoint
        code = getattr(_unwrapped(endpoint), "__code__", None)
        if isinstance(endpoint, type):
            methods = [name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(endpoint, name)]
        elif code is None or code.co_filename != PROGRAM:
            continue
        else:
            methods = sorted((route.methods or {"GET"}) - {"HEAD", "OPTIONS"})
        for method in methods:
            function = getattr(endpoint, method.lower()) if isinstance(endpoint, type) else endpoint
            inputs, defaults = _declared(route)
            out.append(
                Entry(f"{method} {path}", "route", line_of(function), inputs, _driver(app, path, method), defaults)
            )
    return out


def _unwrapped(function: Any) -> Any:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def _with_paths(routes: Any, prefix: str) -> list[tuple[str, Any]]:
    """Routes with the whole path, through mounts and included routers."""
    out = []
    for route in routes:
        if hasattr(route, "endpoint") and hasattr(route, "path"):
            out.append((prefix + route.path, route))
        elif getattr(route, "original_router", None) is not None:
            context = getattr(route, "include_context", None)
            out += _with_paths(route.original_router.routes, prefix + str(getattr(context, "prefix", "")))
        elif getattr(route, "routes", None):
            out += _with_paths(route.routes, prefix + str(getattr(route, "path", "")))
    return out


def _declared(route: Any) -> tuple[list[Key], dict[Key, Any]]:
    """What a handler says that it reads, and values for what is no text."""
    path = [("path", name) for name in getattr(route, "param_convertors", {})]
    dependant = getattr(route, "dependant", None)
    if dependant is None:
        return path, {}
    keys: dict[Key, Any] = dict.fromkeys(path)
    for one in _all_dependants(dependant):
        for source, fields in (
            ("path", one.path_params),
            ("args", one.query_params),
            ("headers", one.header_params),
            ("cookies", one.cookie_params),
        ):
            for field in fields:
                keys[(source, field.alias)] = _plain_value(field.field_info.annotation, field.alias)
        for field in one.body_params:
            keys.update(_of_body(field, len(one.body_params)))
    return list(keys), {key: value for key, value in keys.items() if value is not None}


def _all_dependants(dependant: Any) -> list[Any]:
    return [dependant, *(inner for one in dependant.dependencies for inner in _all_dependants(one))]


def _of_body(field: Any, count: int) -> dict[Key, Any]:
    info = field.field_info
    name, kind = type(info).__name__, _bare(info.annotation)
    model = getattr(kind, "model_fields", None)
    if name == "Form" and model:
        return {("form", part): _plain_value(inner.annotation, part) for part, inner in model.items()}
    if name in ("Form", "File"):
        upload = name == "File" or "UploadFile" in str(info.annotation)
        return {
            ("files" if upload else "form", field.alias): None
            if upload
            else _plain_value(info.annotation, field.alias)
        }
    if model and count == 1 and not getattr(info, "embed", False):
        return {
            ("uses", "json"): None,
            **{("json", inner.alias or part): _plain_value(inner.annotation, part) for part, inner in model.items()},
        }
    if model:
        return {
            ("uses", "json"): None,
            ("json", field.alias): {
                part: _plain_value(inner.annotation, part) or "hexabenign" for part, inner in model.items()
            },
        }
    if count == 1 and not getattr(info, "embed", False):
        return {("body", ""): None}
    return {("uses", "json"): None, ("json", field.alias): _plain_value(info.annotation, field.alias)}


def _bare(annotation: Any) -> Any:
    """A type without Annotated and without None beside it."""
    import typing

    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        kinds = [kind for kind in typing.get_args(annotation) if kind is not type(None)]
        return _bare(kinds[0]) if kinds else annotation
    return annotation


def _plain_value(annotation: Any, _name: str) -> Any:
    """A value for a declared type; none where any text does."""
    import enum
    import typing

    kind = _bare(annotation)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next(iter(kind)).value
    if typing.get_origin(kind) is typing.Literal:
        return typing.get_args(kind)[0]
    if typing.get_origin(kind) in (list, tuple, set):
        return ["hexabenign"]
    if typing.get_origin(kind) is dict or kind is dict:
        return {"name": "hexabenign"}
    words = {int: 1, float: 1.5, bool: True, list: ["hexabenign"]}
    if kind in words:
        return words[kind]
    return {
        "date": "2024-01-31",
        "datetime": "2024-01-31T12:00:00",
        "UUID": "6f8bbf1e-25f4-4b1c-8d83-0c2f9a4d1c11",
        "HttpUrl": "https://hexabenign.example/page",
        "AnyUrl": "https://hexabenign.example/page",
    }.get(getattr(kind, "__name__", ""))


def _driver(app: Any, path: str, method: str) -> Any:
    def drive(values: dict[tuple[str, str], Any]) -> Outcome:
        wire = Wire(values, method, _filled(path, values))
        return asyncio.run(_ask(app, wire))

    return drive


def _filled(path: str, values: dict[tuple[str, str], Any]) -> str:
    def part(match: re.Match[str]) -> str:
        value = values.get(("path", match[1]), "1")
        return path_text(value, slashes=match[2] == ":path")

    return re.sub(r"\{(\w+)(:\w+)?\}", part, path)


async def _ask(app: Any, wire: Wire) -> Outcome:
    headers = [(key.lower().encode(), value.encode("utf-8", "surrogateescape")) for key, value in wire.headers]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": wire.method,
        "scheme": "http",
    }
    scope |= {
        "path": unquote(wire.path),
        "raw_path": wire.path.encode(),
        "query_string": wire.query.encode(),
        "root_path": "",
    }
    scope |= {
        "headers": headers,
        "client": CLIENT,
        "server": ("localhost", 80),
        "session": dict.fromkeys(_session_names, "hexabenign"),
    }
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": wire.body, "more_body": False}]

    async def receive() -> Any:
        return waiting.pop() if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    caught: BaseException | None = None
    try:
        await app(scope, receive, send)
    except Exception as error:
        caught = error
    start = next((message for message in sent if message["type"] == "http.response.start"), None)
    body = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    if start is None:
        return outcome(500, [], b"", caught or RuntimeError("no answer"))
    if any(re.search(rb"[\0\r\n]", value) for _key, value in start["headers"]):
        # So do the servers: uvicorn with either of its parsers, and hypercorn.
        return outcome(500, [], b"", ValueError("a header of the answer has a line break in it"))
    pairs = [(key.decode("latin-1"), value.decode("latin-1")) for key, value in start["headers"]]
    return outcome(start["status"], pairs, body, caught)
