"""Django views, called with requests of its own factory; what they look up is learnt as with Flask."""

from __future__ import annotations

import inspect
import json
import types
from typing import Any

from hexaprobe.entries import MOST_BODY, Entry, Outcome, line_of
from hexaprobe.flask_app import NotedJson, _file, _text, _type_of
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
    if not settings.configured:
        settings.configure(
            ALLOWED_HOSTS=["*"],
            SECRET_KEY="hexaprobe",  # noqa: S106
            DEFAULT_CHARSET="utf-8",
            TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"loaders": [("django.template.loaders.locmem.Loader", {})]}}],
            DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
            ROOT_URLCONF=types.ModuleType("urls"),
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
                world.looked_up(getattr(self, "hexasource", "args"), key)
            return real[name](self, key, *rest)

        return call

    for name in real:
        setattr(QueryDict, name, noted(name))
    _ready = True


def entries(names: dict[str, Any]) -> list[Entry]:
    """Functions whose first parameter is the request, and class-based views."""
    if not _ready:
        return []
    import django.views

    out = []
    for name, value in list(names.items()):
        if isinstance(value, type) and issubclass(value, django.views.View) and value.__module__ in ("program", "__main__"):
            methods = [method.upper() for method in ("get", "post", "put") if hasattr(value, method)]
            out += [_entry(f"{method} view {name}", value.as_view(), getattr(value, method.lower()), method) for method in methods]
        elif isinstance(value, types.FunctionType) and _unwrapped(value).__code__.co_filename == PROGRAM:
            parameters = list(inspect.signature(value).parameters)
            if parameters[:1] in (["request"], ["req"], ["_request"]):
                out += [_entry(f"{method} view {name}", value, value, method) for method in ("GET", "POST")]
    return out


def _unwrapped(function: Any) -> Any:
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    return function


def _entry(name: str, view: Any, function: Any, method: str) -> Entry:
    own = [parameter for parameter in inspect.signature(_unwrapped(function)).parameters if parameter not in ("self", "request", "req", "_request", "args", "kwargs")]
    return Entry(name, "route", line_of(function), [("path", parameter) for parameter in own], _driver(view, method))


def _driver(view: Any, method: str) -> Any:
    def drive(values: dict[tuple[str, str], Any]) -> Outcome:
        from django.http import Http404
        from django.core.exceptions import PermissionDenied, SuspiciousOperation

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
            return Outcome("failed", error_type="ValueError", error="the view returned no HttpResponse", body=repr(response)[:MOST_BODY])
        if hasattr(response, "render") and not getattr(response, "is_rendered", True):
            response.render()
        body = b"".join(response.streaming_content) if getattr(response, "streaming", False) else response.content
        status = response.status_code
        state = "ok" if status < 400 else "refused" if status < 500 else "failed"
        kind = str(response.headers.get("Content-Type", "")).split(";")[0]
        return Outcome(state, status=status, mimetype=kind, body=body[:MOST_BODY].decode("utf-8", "replace"), location=response.headers.get("Location"))

    return drive


def _request(values: dict[tuple[str, str], Any], method: str) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.http import QueryDict
    from django.test import RequestFactory
    from urllib.parse import urlencode

    parts: dict[str, dict[str, Any]] = {"args": {}, "form": {}, "files": {}, "json": {}}
    body: Any = None
    for (source, key), value in values.items():
        if source in parts:
            parts[source][key] = value
        elif source == "body":
            body = value
    query = urlencode({key: _text(value) for key, value in parts["args"].items()}, errors="surrogateescape")
    factory = RequestFactory()
    if parts["files"]:
        data = {key: SimpleUploadedFile(_file(value)[1] or "x", _file(value)[0].read()) for key, value in parts["files"].items()}
        request = factory.post("/?" + query, {**{key: _text(value) for key, value in parts["form"].items()}, **data})
    elif parts["form"]:
        request = factory.post("/?" + query, {key: _text(value) for key, value in parts["form"].items()})
    elif body is not None:
        raw = body if isinstance(body, bytes) else str(body).encode()
        request = factory.generic(method, "/?" + query, raw, content_type=_type_of(raw))
    else:
        request = factory.generic(method, "/?" + query, json.dumps(parts["json"]).encode() if parts["json"] else b"")
    request.method = method
    request.session = NotedJson()
    request.user = types.SimpleNamespace(is_authenticated=True, username="hexabenign", id=1, is_staff=True)
    request.GET.hexasource = "args"
    post = request.POST if method != "GET" else QueryDict("")
    post.hexasource = "form"
    return _Noted.over(request)


class _Noted:
    """Makes a request say that its body or its files are read."""

    @staticmethod
    def over(request: Any) -> Any:
        kind = type(request)

        class Noted(kind):  # type: ignore[misc, valid-type]
            @property
            def body(self) -> Any:
                if program_line() is not None:
                    world.looked_up("body", "")
                return kind.body.fget(self)

            @property
            def FILES(self) -> Any:  # noqa: N802
                return _Files(kind.FILES.fget(self))

        request.__class__ = Noted
        return request


class _Files(dict):  # type: ignore[type-arg]
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
