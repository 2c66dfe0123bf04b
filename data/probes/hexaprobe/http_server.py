"""The standard library's http.server: a handler of the program's is made over a socket that is a piece of memory, so
that the library parses the request and writes the answer itself."""

from __future__ import annotations

import http.client
import io
import socketserver
import types
from http.server import BaseHTTPRequestHandler
from typing import Any

from hexaprobe.entries import Entry, Outcome, line_of
from hexaprobe.standins import Anything
from hexaprobe.web import CLIENT, Wire, called_by_program, looked_up, noted, outcome, plain_text
from hexaprobe.world import PROGRAM

_MOST_PATHS = 4
# A header may go on in a further line.
LINE, FOLD = "\n", "\r\n "
_Message = noted(http.client.HTTPMessage, "headers", ("get", "__getitem__", "__contains__"))


def install() -> None:
    """Servers do not listen."""
    socketserver.TCPServer.__init__ = lambda self, address, handler, *_rest: setattr(self, "server_address", address)
    for name in ("serve_forever", "handle_request", "server_close", "shutdown"):
        setattr(socketserver.BaseServer, name, lambda *_args, **_named: None)
    socketserver.TCPServer.server_close = lambda _self: None


def entries(names: dict[str, Any]) -> list[Entry]:
    """Methods `do_…` of the program's handlers, each at the paths that it compares with."""
    out = []
    for name, kind in list(names.items()):
        if not (
            isinstance(kind, type)
            and issubclass(kind, BaseHTTPRequestHandler)
            and kind.__module__ in ("program", "__main__")
        ):
            continue
        for word in sorted(word for word in dir(kind) if word.startswith("do_")):
            function = getattr(kind, word)
            if isinstance(function, types.FunctionType) and function.__code__.co_filename == PROGRAM:
                out += _of_method(f"{word[3:]} {name}", kind, word[3:], function)
    return out


def _of_method(name: str, kind: type, method: str, function: types.FunctionType) -> list[Entry]:
    paths = [
        text
        for text in function.__code__.co_consts
        if isinstance(text, str) and text.startswith("/") and len(text) > 1
    ][:_MOST_PATHS]
    line = line_of(function)
    whole = Entry(name, "route", line, [("path", "path")], _driver(kind, method, "/"))
    # A path that ends in a slash is the beginning of one.
    at = [
        Entry(
            f"{name} {path}",
            "route",
            line,
            [("path", "path")] if path.endswith("/") else [],
            _driver(kind, method, path),
        )
        for path in paths
    ]
    return [*at, whole]


class _Socket:
    """A connection of which both ends are memory."""

    def __init__(self, request: bytes) -> None:
        self.request, self.answer = request, bytearray()

    def makefile(self, mode: str, *_rest: Any) -> Any:
        return _Body(self.request) if "r" in mode else io.BytesIO()

    def sendall(self, data: Any) -> None:
        self.answer += bytes(data)

    def settimeout(self, _seconds: Any) -> None:
        return

    def setsockopt(self, *_rest: Any) -> None:
        return


class _Body(io.BytesIO):
    """Says when the program itself reads."""

    def read(self, *args: Any) -> bytes:
        if called_by_program():
            looked_up("body", "")
        return super().read(*args)


def _driver(kind: type, method: str, prefix: str) -> Any:
    def drive(values: dict[tuple[str, str], Any]) -> Outcome:
        rest = plain_text(values.get(("path", "path"), "")) if prefix.endswith("/") else ""
        wire = Wire(values, method, prefix + _raw(rest))
        lines = [
            f"{method} {wire.target} HTTP/1.1",
            *(f"{key}: {value.replace(LINE, FOLD)}" for key, value in wire.headers),
            "Connection: close",
            "",
            "",
        ]
        sock = _Socket("\r\n".join(lines).encode("utf-8", "surrogateescape") + wire.body)
        made = type(kind.__name__, (kind,), {"MessageClass": _Message, "log_message": _quiet(kind)})
        caught: BaseException | None = None
        try:
            made(sock, CLIENT, Anything("server"))
        except Exception as error:
            caught = error
        return _read(bytes(sock.answer), caught)

    return drive


def _quiet(kind: type) -> Any:
    """The library's own lines go nowhere; the program's own way of logging stays."""
    own = kind.log_message
    return own if own.__code__.co_filename == PROGRAM else lambda _self, *_args: None


def _raw(text: str) -> str:
    """A path as someone types it who does not care for browsers: only what would end the line is quoted."""
    return "".join(
        letter
        if letter.isascii() and letter.isprintable() and letter not in " ?#"
        else "".join(f"%{byte:02X}" for byte in letter.encode("utf-8", "surrogateescape"))
        for letter in text
    )


def _read(answer: bytes, caught: BaseException | None) -> Outcome:
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ", 2)
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else 0
    headers = [(key.strip(), value.strip()) for key, colon, value in (line.partition(":") for line in lines) if colon]
    if caught is not None:
        # The head may be sent before the failure.
        return outcome(500, [], b"", caught)
    if status == 0:
        return Outcome("failed", error_type="NoAnswer", error="the handler sent no answer")
    return outcome(status, headers, body, None)
