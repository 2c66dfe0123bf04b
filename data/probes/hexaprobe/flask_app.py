"""Flask, the real one: routes from the application's own map, requests through its test client.

Which parts of a request a program reads is learnt from its asking: lookups that find nothing are noted, and the
next request brings them.
"""

from __future__ import annotations

import io
import json
import re
import types
from typing import Any

from hexaprobe import templates
from hexaprobe.entries import MOST_BODY, Entry, Outcome, failed, line_of
from hexaprobe.world import PROGRAM, program_line, world

# A part of the input whose name does not matter.
ANYTHING = "hexaanything"
_NOT_INPUT = {"host", "content-type", "content-length", "cookie", "accept", "connection", "upgrade"}


def install() -> None:
    """Makes requests say what is looked up in them."""
    try:
        import flask
        import flask.views
        from werkzeug.datastructures import EnvironHeaders, ImmutableMultiDict
    except ImportError:
        return

    class Noted(ImmutableMultiDict):
        """Form fields and the like, with the name of the part of the request that they are."""

        source = "args"

        def _note(self, key: Any, default: Any = None) -> None:
            if program_line() is not None:
                world.looked_up(self.source, key, default)

        def __bool__(self) -> bool:
            if _asked_by_program(1):
                # Whether there is anything at all: then there is something.
                world.looked_up(self.source, ANYTHING)
            return len(self) > 0

        def __getitem__(self, key: Any) -> Any:
            self._note(key)
            return super().__getitem__(key)

        def __contains__(self, key: Any) -> bool:
            self._note(key)
            return super().__contains__(key)

        def get(self, key: Any, default: Any = None, type: Any = None) -> Any:
            self._note(key, default)
            return super().get(key, default, type) if type is not None else super().get(key, default)

        def getlist(self, key: Any, type: Any = None) -> Any:
            self._note(key)
            return super().getlist(key, type) if type is not None else super().getlist(key)

    kinds = {
        source: type(f"Noted_{source}", (Noted,), {"source": source})
        for source in ("args", "form", "files", "cookies", "values")
    }

    class Request(flask.Request):
        """A request whose parts note what is asked of them."""

        reads_json = False

        @property
        def args(self) -> Any:
            return kinds["args"](super().args)

        @property
        def form(self) -> Any:
            if program_line() is not None:
                world.looked_up("uses", "form")
            return kinds["form"](super().form)

        @property
        def files(self) -> Any:
            return kinds["files"](super().files)

        @property
        def cookies(self) -> Any:
            return kinds["cookies"](super().cookies)

        @property
        def values(self) -> Any:
            return kinds["values"](super().values)

        def get_data(self, *args: Any, **named: Any) -> Any:
            if not self.reads_json and _asked_by_program():
                world.looked_up("body", "")
            return super().get_data(*args, **named)

        @property
        def data(self) -> Any:
            world.looked_up("body", "")
            return super().data

        @property
        def stream(self) -> Any:
            if _asked_by_program():
                world.looked_up("body", "")
            return super().stream

        def get_json(self, *args: Any, **named: Any) -> Any:
            world.looked_up("uses", "json")
            self.reads_json = True
            try:
                value = super().get_json(*args, **named)
            finally:
                self.reads_json = False
            return NotedJson(value) if type(value) is dict else value

    flask.Flask.request_class = Request
    flask.Flask.run = lambda self, *_args, **_named: _started.append(self)
    # Werkzeug before 3.1 has no such method of its own; then every lookup is __getitem__.
    door = "_get_key" if "_get_key" in vars(EnvironHeaders) else "__getitem__"
    real = getattr(EnvironHeaders, door)

    def header(self: Any, key: Any, *rest: Any, **named: Any) -> Any:
        if isinstance(key, str) and key.lower() not in _NOT_INPUT and _asked_by_program(5):
            world.looked_up("headers", key)
        return real(self, key, *rest, **named)

    setattr(EnvironHeaders, door, header)


def _asked_by_program(depth: int = 3) -> bool:
    """Whether the program itself is the caller, and not the framework on its own account."""
    import sys

    for at in range(2, 2 + depth):
        try:
            if sys._getframe(at).f_code.co_filename == PROGRAM:
                return True
        except ValueError:
            return False
    return False


class NotedJson(dict):
    """A JSON object that says what is looked up in it."""

    def _note(self, key: Any, default: Any = None) -> None:
        world.looked_up("json", key, default)

    def __bool__(self) -> bool:
        if _asked_by_program(1):
            self._note(ANYTHING)
        return len(self) > 0

    def __getitem__(self, key: Any) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        """As a dictionary's."""
        self._note(key, default)
        return super().get(key, default)

    def __contains__(self, key: Any) -> bool:
        self._note(key)
        return super().__contains__(key)


def scaffold(names: dict[str, Any], program: str) -> None:
    """`app` for programs that only decorate with it: fragments of a larger application."""
    if "flask" not in program:
        return
    import flask

    names["app"] = flask.Flask(PROGRAM.rsplit("/", 1)[-1][:-3], root_path="/srv/app")


def entries(names: dict[str, Any]) -> list[Entry]:
    """Routes of every application; functions that read the request become routes where there are none."""
    try:
        import flask
    except ImportError:
        return []
    # An application that a function made shows when it is run.
    apps = [value for value in [*names.values(), *_started] if isinstance(value, flask.Flask)]
    if not apps:
        return []
    app = max(apps, key=lambda one: len(list(one.url_map.iter_rules())))
    for value in list(names.values()):
        if isinstance(value, flask.Blueprint) and value.name not in app.blueprints:
            app.register_blueprint(value)
    found = _routes(app)
    if not found:
        for name, value in list(names.items()):
            if isinstance(value, types.FunctionType) and _reads_request(value):
                app.add_url_rule(f"/hexaprobe/{name}", f"hexaprobe_{name}", _as_view(value), methods=["GET", "POST"])
            elif (
                isinstance(value, type)
                and issubclass(value, flask.views.View)
                and value.__module__ in ("program", "__main__")
            ):
                app.add_url_rule(f"/hexaprobe/{name}", view_func=value.as_view(f"hexaprobe_{name}"))
        found = _routes(app)
    _prepare(app)
    return found + _error_pages(app)


_started: list[Any] = []


def _as_view(function: types.FunctionType) -> Any:
    """A helper that reads the request may give back anything."""
    import functools

    import flask

    @functools.wraps(function)
    def view() -> Any:
        result = function()
        if isinstance(result, (str, bytes, flask.Response)):
            return result
        if (
            isinstance(result, tuple)
            and len(result) == 2
            and isinstance(result[0], str)
            and isinstance(result[1], int)
        ):
            return result
        return flask.Response(repr(result), mimetype="text/plain")

    return view


def _reads_request(function: types.FunctionType) -> bool:
    code = function.__code__
    return code.co_filename == PROGRAM and code.co_argcount == 0 and "request" in code.co_names


def _prepare(app: Any) -> None:
    app._got_first_request = False
    app.testing = False
    app.debug = False
    app.config["PROPAGATE_EXCEPTIONS"] = False
    app.config["WTF_CSRF_ENABLED"] = False
    app.secret_key = app.secret_key or "hexaprobe"
    # Routes of the rest of the application.
    app.url_build_error_handlers.append(_elsewhere)
    _fill_templates(app)


def _elsewhere(error: Exception, endpoint: str, _values: Any) -> str:
    """Where an endpoint of the rest of the application lies; what cannot be the name of one is none."""
    if re.fullmatch(r"\.?\w+(\.\w+)*", endpoint) is None:
        raise error
    return "/" + endpoint


def _fill_templates(app: Any) -> None:
    """A template that is not part of the program shows what it is given, escaped, as templates do by default."""
    import jinja2

    fallback = jinja2.FunctionLoader(lambda name: templates.page(app.jinja_env, name))
    app.jinja_env.loader = jinja2.ChoiceLoader([app.jinja_env.loader, fallback])


def _routes(app: Any) -> list[Entry]:
    out = []
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or rule.endpoint.endswith(".static"):
            continue
        view = app.view_functions.get(rule.endpoint)
        for method in sorted((rule.methods or {"GET"}) - {"HEAD", "OPTIONS"}):
            inputs = [("path", name) for name in sorted(rule.arguments)]
            name = f"{method} {rule.rule}"
            out.append(Entry(name, "route", line_of(view), inputs, _driver(app, rule, method)))
    return out


def _error_pages(app: Any) -> list[Entry]:
    """The program's page for what is not there; it is asked for something that is not."""
    from werkzeug.routing import PathConverter

    handlers = [handler for spec in app.error_handler_spec.values() for handler in spec.get(404, {}).values()]
    anywhere = types.SimpleNamespace(
        rule="/hexaprobe/<path:rest>", arguments={"rest"}, _converters={"rest": PathConverter(app.url_map)}
    )
    ask = _driver(app, anywhere, "GET")

    def drive(values: dict[tuple[str, str], Any]) -> Outcome:
        out = ask(values)
        if out.status == 404:
            # Here it is what the handler was to say.
            out.state = "ok"
        return out

    return [Entry("GET nowhere", "route", line_of(handler), [("path", "rest")], drive) for handler in handlers[:1]]


def _driver(app: Any, rule: Any, method: str) -> Any:
    def drive(values: dict[tuple[str, str], Any]) -> Outcome:
        import flask

        caught: list[BaseException] = []

        def remember(_app: Any, exception: BaseException, **_named: Any) -> None:
            caught.append(exception)

        flask.got_request_exception.connect(remember, app)
        try:
            with app.app_context():
                path = _path_of(rule, values)
                if path is None:
                    return Outcome("refused", status=404)
                client = app.test_client()
                for (source, key), value in values.items():
                    if source == "cookies":
                        client.set_cookie(key, str(value))
            if _session_names:
                _fill_session(client)
            request = _request_of(values, method)
            data = request.get("data", b"")
            world.sent = (
                (method, "", data.encode() if isinstance(data, str) else data)
                if isinstance(data, (str, bytes))
                else None
            )
            response = client.open(path, method=method, **request)
            return _outcome(response, caught)
        finally:
            flask.got_request_exception.disconnect(remember, app)

    return drive


def _path_of(rule: Any, values: dict[tuple[str, str], Any]) -> str | None:
    from urllib.parse import quote

    path = rule.rule
    for name in rule.arguments:
        value = values.get(("path", name), "1")
        text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
        kind = type(rule._converters[name]).__name__
        # The rest are what the framework itself does not let through.
        if kind == "IntegerConverter" and not text.isdigit():
            text = "1" if "hexa" not in text else text
        safe = "/" if kind == "PathConverter" else ""
        start = path.index("<")
        end = path.index(">", start)
        path = path[:start] + quote(text, safe=safe) + path[end + 1 :]
    return path


def _fill_session(client: Any) -> None:
    with client.session_transaction() as session:
        for name in _session_names:
            session[name] = "hexabenign"


_session_names: list[str] = []


def learn_session(program: str) -> None:
    """Keys of the session that the program reads: whoever uses it is logged in."""
    import re

    found = re.findall(r"session(?:\.get)?[\[(]\s*['\"](\w+)['\"]", program)
    _session_names[:] = sorted({name for name in found if not name.startswith("csrf")})


def _request_of(values: dict[tuple[str, str], Any], method: str) -> dict[str, Any]:
    parts: dict[str, dict[str, Any]] = {"args": {}, "form": {}, "files": {}, "json": {}, "headers": {}}
    body: Any = None
    for (given, key), value in values.items():
        source = given if given != "values" else "args" if method == "GET" else "form"
        if source in parts:
            parts[source][key] = value
        elif source == "body":
            body = value
    unfolded = {
        f"HTTP_{key.upper().replace('-', '_')}": str(_text(value))
        for (source, key), value in values.items()
        if source == "unfolded"
    }
    request: dict[str, Any] = {"environ_overrides": unfolded} if unfolded else {}
    request |= {"headers": {key: _header(value) for key, value in parts["headers"].items()}}
    if parts["args"]:
        request["query_string"] = {key: _text(value) for key, value in parts["args"].items()}
    if parts["files"]:
        files = {key: _file(value) for key, value in parts["files"].items()}
        request["data"] = {**{key: _text(value) for key, value in parts["form"].items()}, **files}
        request["content_type"] = "multipart/form-data"
    elif parts["form"]:
        request["data"] = {key: _text(value) for key, value in parts["form"].items()}
    elif body is not None and not parts["json"]:
        request["data"] = body if isinstance(body, bytes) else str(body).encode()
        request["content_type"] = _type_of(request["data"])
    elif parts["json"] or ("uses", "json") in values:
        request["data"] = json.dumps(
            {key: _text(value) if isinstance(value, bytes) else value for key, value in parts["json"].items()}
        )
        request["content_type"] = "application/json"
    return request


def _type_of(body: bytes) -> str:
    if body.lstrip().startswith(b"<"):
        return "application/xml"
    return "application/json" if body.lstrip()[:1] in (b"{", b"[", b'"') else "application/octet-stream"


def _text(value: Any) -> Any:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _header(value: Any) -> str:
    return str(_text(value)).replace("\r", "").replace("\n", "")


def _file(value: Any) -> tuple[Any, str]:
    """A file to upload: content, and a name that is either the payload or the program's business."""
    if isinstance(value, dict):
        return io.BytesIO(value["content"]), value["name"]
    if isinstance(value, bytes):
        return io.BytesIO(value), "hexabenign.txt"
    return io.BytesIO(b"hexabenign content\n"), str(value)


def _outcome(response: Any, caught: list[BaseException]) -> Outcome:
    status = response.status_code
    if caught and status >= 500:
        out = failed(caught[-1], PROGRAM)
        out.status = status
        return out
    state = "ok" if status < 400 else "refused" if status < 500 else "failed"
    out = Outcome(state, status=status, mimetype=response.mimetype or "", location=response.headers.get("Location"))
    response.direct_passthrough = False
    out.body = response.get_data()[:MOST_BODY].decode("utf-8", "replace")
    shown = {key.lower(): value for key, value in response.headers.items()}
    out.headers = {
        key: value
        for key, value in shown.items()
        if key in ("set-cookie", "x-content-type-options") or "hexa" in key or "hexa" in value
    }
    return out
