"""Django views, called with requests of its own factory; what they look up is learnt as with Flask."""

from __future__ import annotations

import inspect
import json
import types
from typing import Any

from hexaprobe.entries import MOST_BODY, Entry, Outcome, line_of
from hexaprobe.flask_app import NotedJson, _file, _text, _type_of
from hexaprobe.standins import Anything
from hexaprobe.web import NotedCookies, looked_up, plain_text, shown
from hexaprobe.world import PROGRAM, program_line, world

_ready = False


def install() -> None:
    """Settings that suffice for views alone; names that Django 4 took away."""
    global _ready
    try:
        import django
        from django.conf import settings
        from django.http import QueryDict
    except ImportError:
        return
    urls = types.ModuleType("urls")
    urls.urlpatterns = []
    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"],
            SECRET_KEY="hexaprobe",
            DEFAULT_CHARSET="utf-8",
            TEMPLATES=[
                {
                    "BACKEND": "django.template.backends.django.DjangoTemplates",
                    "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", {})]},
                }
            ],
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            ROOT_URLCONF=urls,
            MEDIA_ROOT="/srv/app/media",
            BASE_DIR="/srv/app",
            LOGGING_CONFIG=None,
        )
        django.setup()
    import django.conf.urls
    import django.urls

    django.conf.urls.url = django.urls.re_path
    real = {name: getattr(QueryDict, name) for name in ("__getitem__", "get", "getlist")}

    def noted(name: str) -> Any:
        def call(self: Any, key: Any, *rest: Any) -> Any:
            if program_line() is not None:
                world.looked_up(getattr(self, "hexasource", "args"), key, rest[0] if rest else None)
            return real[name](self, key, *rest)

        return call

    for name in real:
        setattr(QueryDict, name, noted(name))
    _install_neighbours()
    _ready = True


def _install_neighbours() -> None:
    """Templates, routes and messages that are elsewhere in the project of a view."""
    import django.contrib.messages
    import django.shortcuts
    import django.template.loader
    from django.template.exceptions import TemplateDoesNotExist
    from django.urls.exceptions import NoReverseMatch

    loader = django.template.loader
    real = {name: getattr(loader, name) for name in ("get_template", "select_template")}

    def found(name: str) -> Any:
        def get(*args: Any, **named: Any) -> Any:
            try:
                return real[name](*args, **named)
            except TemplateDoesNotExist:
                return _Shown()

        return get

    loader.get_template, loader.select_template = found("get_template"), found("select_template")
    real_resolve = django.shortcuts.resolve_url

    def resolve_url(to: Any, *args: Any, **named: Any) -> str:
        try:
            return real_resolve(to, *args, **named)
        except NoReverseMatch:
            return f"/{to}"

    django.shortcuts.resolve_url = resolve_url


class _Shown:
    """A template that is not part of the program."""

    def render(self, context: Any = None, _request: Any = None) -> str:
        """What it is given, escaped."""
        return shown(dict(context or {}))


def entries(names: dict[str, Any]) -> list[Entry]:
    """Functions whose first parameter is the request, and class-based views."""
    if not _ready:
        return []
    import django.views

    out = []
    for name, value in list(names.items()):
        if (
            isinstance(value, type)
            and issubclass(value, django.views.View)
            and value.__module__ in ("program", "__main__")
        ):
            methods = [method.upper() for method in ("get", "post", "put") if hasattr(value, method)]
            out += [
                _entry(f"{method} view {name}", value.as_view(), getattr(value, method.lower()), method)
                for method in methods
            ]
        elif isinstance(value, types.FunctionType) and _unwrapped(value).__code__.co_filename == PROGRAM:
            parameters = list(inspect.signature(value).parameters)
            if parameters[:1] in (["request"], ["req"], ["_request"]):
                out += [_entry(f"{method} view {name}", value, value, method) for method in _methods_of(value)]
    return out


def _methods_of(function: Any) -> list[str]:
    """Any view takes GET and POST; others are asked for where it speaks of them."""
    code = _unwrapped(function).__code__
    said = " ".join(str(text) for text in code.co_consts)
    return ["GET", "POST", *(method for method in ("PUT", "PATCH", "DELETE") if method in said)]


def _unwrapped(function: Any) -> Any:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def _entry(name: str, view: Any, function: Any, method: str) -> Entry:
    own = [
        parameter
        for parameter in inspect.signature(_unwrapped(function)).parameters
        if parameter not in ("self", "request", "req", "_request", "args", "kwargs")
    ]
    return Entry(name, "route", line_of(function), [("path", parameter) for parameter in own], _driver(view, method))


def _driver(view: Any, method: str) -> Any:
    def drive(values: dict[tuple[str, str], Any]) -> Outcome:
        from django.core.exceptions import PermissionDenied, SuspiciousOperation
        from django.http import Http404

        request = _request(values, method)
        named = {key: _text(value) for (source, key), value in values.items() if source == "path"}
        try:
            response = view(request, **named)
        except Http404:
            return Outcome("refused", status=404)
        except (PermissionDenied, SuspiciousOperation):
            return Outcome("refused", status=403)
        if not hasattr(response, "status_code"):
            # Django itself fails on a view that gives back anything else.
            return Outcome(
                "failed",
                error_type="ValueError",
                error="the view returned no HttpResponse",
                body=repr(response)[:MOST_BODY],
            )
        if hasattr(response, "render") and not getattr(response, "is_rendered", True):
            response.render()
        body = b"".join(response.streaming_content) if getattr(response, "streaming", False) else response.content
        status = response.status_code
        state = "ok" if status < 400 else "refused" if status < 500 else "failed"
        kind = str(response.headers.get("Content-Type", "")).split(";")[0]
        return Outcome(
            state,
            status=status,
            mimetype=kind,
            body=body[:MOST_BODY].decode("utf-8", "replace"),
            location=response.headers.get("Location"),
        )

    return drive


def _request(values: dict[tuple[str, str], Any], method: str) -> Any:
    from urllib.parse import urlencode

    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.http import QueryDict
    from django.test import RequestFactory

    parts: dict[str, dict[str, Any]] = {"args": {}, "form": {}, "files": {}, "json": {}}
    body: Any = None
    for (source, key), value in values.items():
        if source in parts:
            parts[source][key] = value
        elif source == "body":
            body = value
    query = urlencode({key: _text(value) for key, value in parts["args"].items()}, errors="surrogateescape")
    factory = RequestFactory()
    raw = b""
    if parts["files"]:
        data = {
            key: SimpleUploadedFile(_file(value)[1] or "x", _file(value)[0].read())
            for key, value in parts["files"].items()
        }
        request = factory.post("/?" + query, {**{key: _text(value) for key, value in parts["form"].items()}, **data})
    elif parts["form"]:
        request = factory.post("/?" + query, {key: _text(value) for key, value in parts["form"].items()})
    elif body is not None and not parts["json"]:
        raw = body if isinstance(body, bytes) else str(body).encode()
        request = factory.generic(method, "/?" + query, raw, content_type=_type_of(raw))
    else:
        raw = (
            json.dumps({key: _text(value) for key, value in parts["json"].items()}).encode() if parts["json"] else b""
        )
        request = factory.generic(method, "/?" + query, raw, content_type="application/json")
    request.method = method
    request.session = NotedJson()
    request.user = Anything("user")
    request.user.is_authenticated, request.user.is_active, request.user.is_staff = True, True, True
    request.user.username, request.user.id, request.user.pk = "hexabenign", 1, 1
    request._messages = Anything("messages")
    request.COOKIES = NotedCookies(
        {key: plain_text(value) for (source, key), value in values.items() if source == "cookies"}
    )
    for (source, key), value in values.items():
        if source == "headers":
            request.META["HTTP_" + key.upper().replace("-", "_")] = plain_text(value)
    request.META = _Meta(request.META)
    request.GET.hexasource = "args"
    world.sent = (method, query, raw)
    post = request.POST if method != "GET" else QueryDict("")
    post.hexasource = "form"
    return _Noted.over(request)


class _Noted:
    """Makes a request say that its body or its files are read."""

    @staticmethod
    def over(request: Any) -> Any:
        kind = type(request)

        class Noted(kind):
            @property
            def body(self) -> Any:
                if program_line() is not None:
                    world.looked_up("body", "")
                return kind.body.fget(self)

            @property
            def headers(self) -> Any:
                return _Headers({key.lower(): value for key, value in kind.headers.func(self).items()})

            @property
            def FILES(self) -> Any:
                return _Files(kind.FILES.fget(self))

        request.__class__ = Noted
        return request


class _Meta(dict):
    """Headers as WSGI names them, and beside them as they are: either asking is noted."""

    def _note(self, key: Any) -> None:
        if isinstance(key, str) and key.startswith("HTTP_"):
            looked_up("headers", key[5:].replace("_", "-").title())

    def __getitem__(self, key: Any) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def get(self, key: Any, default: Any = None) -> Any:
        self._note(key)
        return super().get(key, default)


class _Headers(dict):
    """Headers by any spelling."""

    def __getitem__(self, key: Any) -> Any:
        looked_up("headers", key)
        return super().__getitem__(str(key).lower())

    def get(self, key: Any, default: Any = None) -> Any:
        looked_up("headers", key)
        return super().get(str(key).lower(), default)

    def __contains__(self, key: Any) -> bool:
        looked_up("headers", key)
        return super().__contains__(str(key).lower())


class _Files(dict):
    def __getitem__(self, key: Any) -> Any:
        world.looked_up("files", key)
        found = super().__getitem__(key)
        return found[-1] if isinstance(found, list) else found

    def get(self, key: Any, default: Any = None) -> Any:
        world.looked_up("files", key)
        return super().get(key, default)

    def __contains__(self, key: Any) -> bool:
        world.looked_up("files", key)
        return super().__contains__(key)
