"""Watches what stays inside the interpreter: logs, SQL, XML, code that is made from text, objects from bytes."""

from __future__ import annotations

import gc
import logging
import os
import sqlite3
import sys
import weakref
from collections.abc import Callable
from typing import Any

from hexaprobe.files import mapped
from hexaprobe.world import PROGRAM, world

SECRET_FILE = "/scratch/hexasecret.txt"
SECRET = "hexaleaked-5f2c"
_LOADERS = {"pickle", "_pickle", "marshal", "yaml", "jsonpickle", "shelve", "dill", "cloudpickle", "joblib"}


# ---- logs ----


def _install_logs() -> None:
    real = logging.Logger.callHandlers

    def call_handlers(self: logging.Logger, record: logging.LogRecord) -> None:
        if world.watching:
            for text in _written(self, record):
                world.note("log", text=text[:600])
        real(self, record)

    logging.Logger.callHandlers = call_handlers
    # Which levels are on is a matter of the installation.
    logging.Logger.isEnabledFor = lambda self, _level: not self.name.startswith(_QUIET)
    logging.lastResort = None


_QUIET = (
    "werkzeug",
    "asyncio",
    "sqlalchemy",
    "django",
    "urllib3",
    "httpx",
    "httpcore",
    "aiohttp",
    "tornado.access",
    "tornado.general",
)


def _written(logger: logging.Logger, record: logging.LogRecord) -> list[str]:
    """The record as each handler writes it; without one, as it is."""
    handlers: list[logging.Handler] = []
    at: logging.Logger | None = logger
    while at is not None:
        handlers += at.handlers
        at = at.parent if at.propagate else None
    out = []
    for handler in handlers:
        # A filter may clean the record; Logger's own were asked before.
        if handler.filter(record):
            out.append(handler.format(record))
    return out if handlers else [record.getMessage()]


# ---- SQL ----


class Cursor(sqlite3.Cursor):
    """A cursor that notes statements and makes tables that are not there."""

    def execute(self, sql: Any, parameters: Any = ()) -> Any:
        """Runs one statement."""
        return _with_tables(self.connection, sql, lambda: sqlite3.Cursor.execute(self, *_styled(sql, parameters)))

    def executemany(self, sql: Any, parameters: Any) -> Any:
        """Runs one statement for each row."""
        rows = [_styled(sql, row) for row in parameters]
        text = rows[0][0] if rows else sql
        return _with_tables(
            self.connection, sql, lambda: sqlite3.Cursor.executemany(self, text, [row[1] for row in rows])
        )

    def executescript(self, sql: Any) -> Any:
        """Runs several statements."""
        return _with_tables(self.connection, sql, lambda: sqlite3.Cursor.executescript(self, sql))


class Connection(sqlite3.Connection):
    """A connection whose cursors are ours."""

    hexaclosed = False

    def close(self) -> None:
        """Closes it; its file may go."""
        self.hexaclosed = True
        super().close()

    def cursor(self, factory: Any = None, **_named: Any) -> Any:
        """A cursor; other databases' options are not SQLite's."""
        return super().cursor(factory if isinstance(factory, type) and issubclass(factory, Cursor) else Cursor)

    def execute(self, sql: Any, parameters: Any = ()) -> Any:
        """Runs one statement."""
        return self.cursor().execute(sql, parameters)

    def executemany(self, sql: Any, parameters: Any) -> Any:
        """Runs one statement for each row."""
        return self.cursor().executemany(sql, parameters)

    def executescript(self, sql: Any) -> Any:
        """Runs several statements."""
        return self.cursor().executescript(sql)


def _styled(sql: Any, parameters: Any) -> tuple[Any, Any]:
    """Other databases write parameters as %s or %(name)s."""
    if not isinstance(sql, str) or "%" not in sql or not parameters:
        return sql, () if parameters is None else parameters
    if isinstance(parameters, dict):
        for name in parameters:
            sql = sql.replace(f"%({name})s", f":{name}")
        return sql, parameters
    if not isinstance(parameters, (list, tuple)):
        parameters = (parameters,)
    return sql.replace("%s", "?").replace("%d", "?"), tuple(parameters)


def _with_tables(connection: sqlite3.Connection, sql: Any, run: Callable[[], Any]) -> Any:
    world.note("sql", text=str(sql)[:800])
    was = world.watching
    for _ in range(12):
        try:
            return run()
        except sqlite3.OperationalError as error:
            world.watching = False
            try:
                made = _make_missing(connection, str(error), str(sql))
            finally:
                world.watching = was
            if not made:
                raise
    return run()


def _make_missing(connection: sqlite3.Connection, complaint: str, sql: str) -> bool:
    import re

    plain = lambda text: sqlite3.Cursor(connection).execute(text)  # noqa: E731
    table = re.search(r"no such table: (?:\w+\.)?(\w+)", complaint)
    if table:
        own = not connection.in_transaction
        plain(f'CREATE TABLE "{table[1]}" (id INTEGER PRIMARY KEY)')
        plain(f'INSERT INTO "{table[1]}" (id) VALUES (1)')
        if own:
            connection.commit()  # an open transaction would make the next connection wait for its lock
        return True
    column = re.search(r"(?:no such column: (?:\w+\.)?|has no column named )(\w+)", complaint)
    if column is None:
        return False
    for (name,) in plain("SELECT name FROM sqlite_master WHERE type='table'").fetchall():
        if re.search(rf"\b{re.escape(name)}\b", sql) is None:
            continue
        try:
            plain(f'ALTER TABLE "{name}" ADD COLUMN "{column[1]}" TEXT DEFAULT \'hexabenign\'')
            return True
        except sqlite3.OperationalError:
            continue
    return False


_real_connect = sqlite3.connect


def connect(*args: Any, **named: Any) -> Any:
    """A database in a file of the program's own, whatever server it asks for."""
    from hexaprobe.files import _make_parent

    database = (
        args[0] if args and isinstance(args[0], (str, bytes, os.PathLike)) else named.get("database", ":memory:")
    )
    options = {key: named[key] for key in ("timeout", "detect_types", "isolation_level", "uri") if key in named}
    if "://" in str(database):
        database = ":memory:"
    elif str(database) not in (":memory:", "") and not str(database).startswith("file:"):
        database = mapped(database)
        _make_parent(database)
    made = _real_connect(database, check_same_thread=False, factory=Connection, **options)
    _opened.append((weakref.ref(made), str(database)))
    return made


_opened: list[tuple[Any, str]] = []


def held_databases() -> set[str]:
    """Files of connections that the program holds: a shot must not take them away."""
    if _opened:
        gc.collect()  # one that only a traceback holds is none, and its locks go with it
    _opened[:] = [(held, path) for held, path in _opened if held() is not None and not held().hexaclosed]
    return {path + ending for _held, path in _opened for ending in ("", "-journal", "-wal", "-shm")}


def server_connect(*_args: Any, **_named: Any) -> Any:
    """A connection of a database server's client library."""
    return _real_connect("/scratch/server.db", check_same_thread=False, factory=Connection)


def _install_sql() -> None:
    sqlite3.connect = connect
    sqlite3.dbapi2.connect = connect
    sqlalchemy = sys.modules.get("sqlalchemy")
    if sqlalchemy is None:
        return
    real = sqlalchemy.create_engine
    from sqlalchemy import event
    from sqlalchemy.pool import StaticPool

    def create_engine(_url: Any, **_named: Any) -> Any:
        # The dialect asks SQLite's own module for a connection, which is not ours: so the statements are heard here.
        made = lambda: _real_connect("/scratch/orm.db", check_same_thread=False)  # noqa: E731
        engine = real("sqlite://", creator=made, poolclass=StaticPool)
        event.listen(engine, "before_cursor_execute", _hear)
        event.listen(engine, "handle_error", _heal)
        return engine

    def _hear(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        world.note("sql", text=statement[:800])

    def _heal(_context: Any) -> None:
        return

    sqlalchemy.create_engine = create_engine
    sqlalchemy.engine.create_engine = create_engine
    flask_sqlalchemy = sys.modules.get("flask_sqlalchemy.extension")
    if flask_sqlalchemy is not None:
        flask_sqlalchemy.sa.create_engine = create_engine


# ---- XML ----


def _leaks(tree: Any) -> bool:
    try:
        root = tree.getroot() if hasattr(tree, "getroot") else tree
        return any(SECRET in str(text) for text in root.itertext())
    except Exception:
        # A stream of events or nothing at all: what it leaks shows elsewhere.
        return False


def _install_xml() -> None:
    lxml = sys.modules.get("lxml.etree")
    if lxml is None:
        return
    real_parser = lxml.XMLParser

    class XMLParser(real_parser):
        """Resolves entities unless told otherwise, as lxml did before 5.0: a program has to hold there, too."""

        def __init__(self, *args: Any, **named: Any) -> None:
            named.setdefault("resolve_entities", True)
            super().__init__(*args, **named)

        def close(self) -> Any:
            """Ends what was fed to it piece by piece."""
            world.note("xml", leaked=False)
            tree = super().close()
            if _leaks(tree):
                world.note("xml", leaked=True)
            return tree

    lxml.XMLParser = lxml.ETCompatXMLParser = XMLParser
    lxml.set_default_parser(XMLParser())
    objectify = sys.modules.get("lxml.objectify")
    if objectify is not None:
        objectify.set_default_parser(objectify.makeparser(remove_blank_text=True, resolve_entities=True))
    for module in (lxml, sys.modules.get("lxml.objectify")):
        for name in ("parse", "fromstring", "XML", "fromstringlist"):
            if module is not None and hasattr(module, name):
                setattr(module, name, _parsing(getattr(module, name), module is lxml))
    real_iter = lxml.iterparse

    def iterparse(source: Any, *args: Any, **named: Any) -> Any:
        world.note("xml", leaked=False)
        named.setdefault("resolve_entities", True)
        for event, node in real_iter(_source(source), *args, **named):
            if _leaks(node):
                world.note("xml", leaked=True)
            yield event, node

    lxml.iterparse = iterparse
    defused = sys.modules.get("defusedxml.lxml")
    if defused is not None:
        defused._etree = lxml


def _source(source: Any) -> Any:
    # lxml opens files by itself, so it has to be told where they are.
    if isinstance(source, (str, os.PathLike)) and not str(source).lstrip().startswith("<"):
        with open(source, "rb"):
            pass
        return mapped(source)
    return source


def _parsing(real: Callable[..., Any], default: bool) -> Callable[..., Any]:
    def parse(source: Any, *args: Any, **named: Any) -> Any:
        if not world.watching:
            return real(source, *args, **named)
        world.note("xml", leaked=False)
        if real.__name__ == "parse":
            source = _source(source)
        tree = real(source, *args, **named)
        if _leaks(tree):
            world.note("xml", leaked=True)
        return tree

    del default
    parse.__name__ = real.__name__
    return parse


def _install_xml_modules() -> None:
    """The standard library's parsers, heard at their doors."""
    import xml.dom.minidom
    import xml.dom.pulldom
    import xml.etree.ElementTree
    import xml.sax

    for module, names in (
        (xml.etree.ElementTree, ("parse", "fromstring", "XML", "iterparse")),
        (xml.dom.minidom, ("parse", "parseString")),
        (xml.dom.pulldom, ("parse", "parseString")),
        (xml.sax, ("parse", "parseString", "make_parser")),
    ):
        for name in names:
            setattr(module, name, _heard(getattr(module, name), "xml"))
    for name in ("ElementTree", "lxml", "minidom", "sax", "pulldom", "expatbuilder", "cElementTree"):
        module = sys.modules.get(f"defusedxml.{name}")
        for call in ("parse", "fromstring", "XML", "parseString", "iterparse"):
            if module is not None and hasattr(module, call):
                setattr(module, call, _heard(getattr(module, call), "xml"))


def _heard(real: Callable[..., Any], kind: str) -> Callable[..., Any]:
    def call(*args: Any, **named: Any) -> Any:
        world.note(kind, leaked=False)
        result = real(*args, **named)
        if kind == "xml" and _leaks(result):
            world.note(kind, leaked=True)
        return result

    call.__name__ = getattr(real, "__name__", "call")
    return call


# ---- code and objects ----


def _audit(event: str, args: tuple[Any, ...]) -> None:
    if not world.watching:
        return
    if event == "exec":
        caller = sys._getframe(1)
        if caller.f_code.co_filename == PROGRAM:
            world.note("code")
    elif event == "pickle.find_class" or event == "marshal.loads":
        world.note("object")


def _install_code() -> None:
    sys.addaudithook(_audit)
    import marshal
    import pickle

    for module, names in ((pickle, ("load", "loads")), (marshal, ("load", "loads"))):
        for name in names:
            setattr(module, name, _heard(getattr(module, name), "object"))
    real_unpickler = pickle.Unpickler

    class Unpickler(real_unpickler):
        """Says that it loads."""

        def load(self) -> Any:
            world.note("object", leaked=False)
            return super().load()

    pickle.Unpickler = Unpickler
    yaml = sys.modules.get("yaml")
    if yaml is not None:
        for name in ("load", "load_all", "unsafe_load", "full_load", "safe_load", "safe_load_all"):
            setattr(yaml, name, _heard(getattr(yaml, name), "object"))
        heard = yaml.load
        # Before PyYAML 5.1 the default loader made any object; a program has to hold there, too.
        yaml.load = lambda stream, Loader=None: heard(stream, Loader or yaml.UnsafeLoader)
    jsonpickle = sys.modules.get("jsonpickle")
    if jsonpickle is not None:
        jsonpickle.decode = jsonpickle.loads = _heard(jsonpickle.decode, "object")
    jinja = sys.modules.get("jinja2")
    if jinja is not None:
        real = jinja.Environment.from_string
        flask = sys.modules.get("flask.templating")

        def from_string(self: Any, source: Any, *args: Any, **named: Any) -> Any:
            world.note("template", text=str(source)[:300])
            return real(self, source, *args, **named)

        jinja.Environment.from_string = from_string
        real_init = jinja.Template.__new__

        def new(cls: Any, source: Any, *args: Any, **named: Any) -> Any:
            world.note("template", text=str(source)[:300])
            return real_init(cls, source, *args, **named)

        jinja.Template.__new__ = new
        del flask


def install() -> None:
    """Puts all of them in place, and the file that an XML entity would show."""
    with open(SECRET_FILE, "w") as file:
        file.write(SECRET)
    _install_logs()
    _install_sql()
    _install_xml()
    _install_xml_modules()
    _install_code()
