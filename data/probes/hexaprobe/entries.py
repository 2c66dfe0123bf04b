"""What the two ways of driving a program have in common: an entry point, and what came of a call of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

MOST_BODY = 60_000


@dataclasses.dataclass
class Outcome:
    """What came of driving an entry point."""

    #: `ok`; `refused` (the program said no: a 4xx); `failed` (an exception, a 5xx)
    state: str
    #: HTTP status, where there is one
    status: int | None = None
    #: media type of the body, or `text/html` for a function that gives back a page
    mimetype: str = ""
    #: the body, or the representation of what a function gave back
    body: str = ""
    #: the Location header
    location: str | None = None
    #: what was raised: type, message, line of the program
    error: str = ""
    error_type: str = ""
    error_line: int = 0
    #: headers by lower-case name
    headers: dict[str, str] = dataclasses.field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """For the report."""
        return dataclasses.asdict(self)


@dataclasses.dataclass
class Entry:
    """A way into the program."""

    #: stable name: `GET /path`, `function name`, `script`
    name: str
    #: `route`, `function` or `script`
    kind: str
    #: line of the handler or function
    line: int
    #: parts of the input that are known without asking: (source, key)
    inputs: list[tuple[str, str]]
    #: drives it with values for (source, key)
    drive: Callable[[dict[tuple[str, str], Any]], Outcome]
    #: values that the program itself gives to what is left out
    defaults: dict[tuple[str, str], Any] = dataclasses.field(default_factory=dict)


def failed(error: BaseException, program: str) -> Outcome:
    """The outcome of an exception."""
    line = 0
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == program:
            line = trace.tb_lineno
        trace = trace.tb_next
    return Outcome("failed", error=str(error)[:300], error_type=type(error).__name__, error_line=line)


def line_of(function: Any) -> int:
    """The line at which a function begins."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    code = getattr(function, "__code__", None)
    return code.co_firstlineno if code is not None else 0
