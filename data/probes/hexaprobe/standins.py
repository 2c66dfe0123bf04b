"""Modules that are not installed: database servers on SQLite, names that older versions had, and for the rest
of the packages in wide use an object that takes anything. A module that nobody knows stays missing."""

from __future__ import annotations

import builtins
import importlib.abc
import importlib.machinery
import re
import sys
import types
from collections.abc import Sequence
from typing import Any

from hexaprobe import queries, watchers
from hexaprobe.network import note_request
from hexaprobe.world import world

# The package of a program that imports its neighbours.
PACKAGE = "hexapackage"
# Client libraries of database servers, each with a `connect`.
DATABASES = ("MySQLdb", "pymysql", "psycopg2", "mysql.connector", "psycopg", "pyodbc", "cx_Oracle", "oracledb")


class Anything:
    """Takes every call and has every attribute; a function given to it comes back, as from a decorator."""

    def __init__(self, name: str = "anything") -> None:
        """Keeps the name for messages."""
        self.__dict__["_name"] = name

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Anything(f"{self._name}.{name}")

    def __call__(self, *args: Any, **named: Any) -> Any:
        """A decorator gives back what it decorates."""
        if len(args) == 1 and not named and isinstance(args[0], (types.FunctionType, type)):
            return args[0]
        if world.detailed:
            world.note("called", text=f"{self._name}({', '.join(map(str, args))})"[:300])
        queries.note(self._name, args, named)
        for word in args:
            if isinstance(word, str) and self._name.endswith("exec_command"):
                world.note("command", shell=True, text=word[:300], started=[["remote", word]])
        return Anything(f"{self._name}()")

    def __getitem__(self, _key: Any) -> Any:
        return Anything(f"{self._name}[]")

    def __await__(self) -> Any:
        yield from ()
        return self

    def __setattr__(self, name: str, value: Any) -> None:
        if world.detailed:
            world.note("stored", text=f"{self._name}.{name} = {value}"[:300])
        self.__dict__[name] = value

    def __setitem__(self, _key: Any, _value: Any) -> None:
        return

    def __iter__(self) -> Any:
        return iter([Anything(self._name), Anything(self._name), Anything(self._name)])

    def __enter__(self) -> Any:
        return self

    def __exit__(self, *_error: object) -> None:
        return

    def __str__(self) -> str:
        return "hexabenign"

    def __add__(self, other: Any) -> Any:
        return b"hexabenign" + other if isinstance(other, bytes) else str(self) + other

    def __radd__(self, other: Any) -> Any:
        return other + b"hexabenign" if isinstance(other, bytes) else other + str(self)

    def __len__(self) -> int:
        return 1

    def __int__(self) -> int:
        return 1

    def __mro_entries__(self, _bases: Any) -> tuple[type, ...]:
        return (object,)


class _Module(types.ModuleType):
    """A module of which every name is there."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        if name[:1].isupper() and name.endswith(("Error", "Exception")):
            kind = type(name, (Exception,), {})
            setattr(self, name, kind)
            return kind
        return Anything(f"{self.__name__}.{name}")


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds stand-ins; comes last, so that whatever is installed goes first."""

    def __init__(self, known: Sequence[str]) -> None:
        self.known = frozenset(known)

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Any:
        if (
            name in DATABASES
            or name.split(".")[0] in self.known
            or name.startswith("django.contrib.admin.")
            or name == "django.contrib.admin"
            or name.split(".")[0] == PACKAGE
        ):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> Any:
        module = _Module(spec.name)
        module.__path__ = []
        return module

    def exec_module(self, module: Any) -> None:
        if module.__name__ in DATABASES:
            _fill_database(module)
        if module.__name__ == "urllib2":
            import urllib.request

            module.urlopen, module.Request = urllib.request.urlopen, urllib.request.Request
        if module.__name__ in ("ldap.filter", "ldap3.utils.conv"):
            module.escape_filter_chars = queries.escape_filter
        if module.__name__ == "pycurl":
            module.Curl = _Curl


class _Admin(_Finder):
    """Django's admin site wants a whole project around it; views borrow only its decorators."""

    def find_spec(self, name: str, _path: Any = None, _target: Any = None) -> Any:
        return super().find_spec(name) if name.startswith("django.contrib.admin") else None


class _Curl:
    def setopt(self, _option: Any, value: Any) -> None:
        if isinstance(value, (str, bytes)):
            note_request(value if isinstance(value, str) else value.decode())

    def perform(self) -> None:
        return

    def close(self) -> None:
        return


def _fill_database(module: Any) -> None:
    import sqlite3

    module.connect = module.Connect = module.Connection = watchers.server_connect
    for name in ("Error", "DatabaseError", "OperationalError", "ProgrammingError", "IntegrityError"):
        setattr(module, name, getattr(sqlite3, name))
    module.cursors = Anything("cursors")
    module.extras = Anything("extras")
    module.errorcode = Anything("errorcode")


def imports_siblings(program: str) -> bool:
    """Whether a program is a module of a package whose other modules are not here."""
    return re.search(r"^\s*from\s+\.", program, re.M) is not None


def install(known: Sequence[str]) -> None:
    """Adds the finder, and names that programs of earlier years import from packages of today."""
    sys.meta_path.append(_Finder(known))
    sys.meta_path.insert(0, _Admin(known))
    _older_flask()
    _write_anything()
    builtins.unicode = str
    del builtins.unicode


def _shown(answer: Any) -> Any:
    """What a view answers with, a stand-in's output as a text."""
    if isinstance(answer, tuple) and answer:
        return (_shown(answer[0]), *answer[1:])
    return str(answer) if isinstance(answer, Anything) else answer


def _write_anything() -> None:
    """What a stand-in gives can be written as JSON, or be the answer of a view, like what it stands for."""
    import json

    real = json.JSONEncoder.default
    json.JSONEncoder.default = lambda self, value: str(value) if isinstance(value, Anything) else real(self, value)
    flask = sys.modules.get("flask")
    if flask is not None:
        respond = flask.Flask.make_response
        flask.Flask.make_response = lambda self, answer: respond(self, _shown(answer))
    flask_json = sys.modules.get("flask.json.provider")
    if flask_json is not None:
        own = flask_json.DefaultJSONProvider.default
        flask_json.DefaultJSONProvider.default = staticmethod(
            lambda value: str(value) if isinstance(value, Anything) else own(value)
        )


def _older_flask() -> None:
    flask = sys.modules.get("flask")
    if flask is None:
        return
    import json
    from urllib.parse import quote, quote_plus, unquote, urlencode, urljoin, urlsplit

    import jinja2
    import markupsafe
    import werkzeug
    import werkzeug.security
    import werkzeug.urls
    import werkzeug.utils

    flask.escape, flask.Markup = markupsafe.escape, markupsafe.Markup
    flask.json.JSONEncoder = json.JSONEncoder
    flask.safe_join = werkzeug.security.safe_join
    flask.helpers.safe_join = werkzeug.security.safe_join
    jinja2.Markup, jinja2.escape = markupsafe.Markup, markupsafe.escape
    jinja2.contextfunction = jinja2.pass_context
    jinja2.evalcontextfilter = jinja2.pass_eval_context
    werkzeug.secure_filename = werkzeug.utils.secure_filename
    werkzeug.utils.escape = werkzeug.escape = markupsafe.escape
    werkzeug.utils.safe_join = werkzeug.security.safe_join
    werkzeug.security.safe_str_cmp = lambda a, b: a == b
    werkzeug.urls.url_parse, werkzeug.urls.url_join = _url_parse, urljoin
    werkzeug.urls.url_quote, werkzeug.urls.url_quote_plus = quote, quote_plus
    werkzeug.urls.url_unquote, werkzeug.urls.url_encode = unquote, urlencode
    werkzeug.urls.url_split = urlsplit
    _older_send_file(flask)


def _url_parse(url: Any, *_args: Any, **_named: Any) -> Any:
    from urllib.parse import urlsplit

    parsed = urlsplit(url)

    class Parsed(type(parsed)):
        """With the names that werkzeug's own had."""

        @property
        def host(self) -> Any:
            return self.hostname

        @property
        def ascii_host(self) -> Any:
            return self.hostname

    return Parsed(*parsed)


def _older_send_file(flask: Any) -> None:
    """`attachment_filename` and `filename` were renamed in Flask 2.2."""
    real_file, real_from = flask.send_file, flask.send_from_directory

    def send_file(*args: Any, **named: Any) -> Any:
        if "attachment_filename" in named:
            named["download_name"] = named.pop("attachment_filename")
        return real_file(*args, **named)

    def send_from_directory(directory: Any, path: Any = None, **named: Any) -> Any:
        if path is None and "filename" in named:
            path = named.pop("filename")
        return real_from(directory, path, **named)

    flask.send_file = send_file
    flask.send_from_directory = send_from_directory
    flask.helpers.send_file, flask.helpers.send_from_directory = send_file, send_from_directory
