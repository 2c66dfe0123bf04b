"""Training rows: JSON lines whose change offsets count UTF-16 code units, as JavaScript does.

Python strings count code points, so a character outside the basic plane (an emoji) is one here and two
there. Everything after this file speaks code points.
"""

from __future__ import annotations

import dataclasses
import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, TypeVar

from . import strict
from .errors import TrainerError
from .strict import field

Span = tuple[int, int]
T = TypeVar("T")


@dataclass(frozen=True)
class Change:
    """A changed span of the text."""

    start: int = field("First code unit", minimum=0)
    end: int = field("Code unit behind the last", minimum=0)


@dataclass(frozen=True)
class Side:
    """The program before the fix."""

    text: str = field("The vulnerable program")
    changes: list[Change] = field("Spans of it that the fix removed or replaced")


@dataclass(frozen=True)
class Row:
    """One line of a data file; keys that training does not use may stand beside these."""

    id: str = field("Names the row in messages")
    text: str = field("The program to learn from")
    changes: list[Change] = field("Spans of text that a fix changed")
    vulnerable: Side | None = field("The program before the fix, for unlikelihood", default=None)
    language: str = field("Of the program, for chat examples", default="")
    prompt: str | None = field("What a user would ask for it, for chat examples", default=None)


@dataclass(frozen=True)
class Replay:
    """One line of a replay file; a training row is one, too, and its other keys are ignored."""

    text: str = field("The program, of which every token is learned", minLength=1)
    language: str = field("Of the program, for chat examples", default="")
    prompt: str | None = field("What a user would ask for it, for chat examples", default=None)


@dataclass(frozen=True)
class Example:
    """A row with its spans in code points: sorted, joined where they touch, none empty.

    Attributes:
        id: Names the row in messages.
        text: What the model sees.
        spans: What is learned of it.
        vulnerable: The program before the fix, whose spans are to be avoided.
        language: Of the program.
        prompt: What a user would ask for it.
        whole: The part that the unmasked loss learns; None for all of it.
    """

    id: str
    text: str
    spans: list[Span]
    vulnerable: Example | None = None
    language: str = ""
    prompt: str | None = None
    whole: Span | None = None


def read_examples(path: Path) -> Iterator[Example]:
    """Reads a data file.

    Raises:
        TrainerError: ``bad-data`` with the line's number when the file or a line cannot be read.
    """
    for number, line in _lines(path):
        yield _read_line(line, f"{path}, line {number}")


def read_replay(path: Path) -> Iterator[Example]:
    """Reads a replay file: the whole of each text is to be learned.

    Raises:
        TrainerError: ``bad-data`` with the line's number when the file or a line cannot be read.
    """
    for number, line in _lines(path):
        row = _parsed(Replay, line, f"{path}, line {number}")
        text = _without_lone_surrogates(row.text)
        yield Example(f"replay line {number}", text, [(0, len(text))], language=row.language, prompt=row.prompt)


def hash_files(*paths: str | None) -> str:
    """SHA-256 over the bytes of several files, in order; None stands for no file."""
    digest = hashlib.sha256()
    for path in paths:
        digest.update(b"\0absent" if path is None else b"\0file")
        try:
            if path is not None:
                with Path(path).open("rb") as file:
                    while chunk := file.read(1 << 20):
                        digest.update(chunk)
        except OSError as error:
            raise _bad_data(f"Cannot read {path}: {error.strerror}.") from error
    return digest.hexdigest()


def to_code_points(text: str, changes: list[Change]) -> list[Span]:
    """Converts UTF-16 spans to code points; half a surrogate pair widens to the whole character."""
    if text.isascii() or max(text) <= "\uffff":
        return join_spans((change.start, change.end) for change in changes)
    # starts[i] is the code unit at which code point i begins; one more entry for the end.
    starts = [0, *accumulate(2 if char > "\uffff" else 1 for char in text)]
    return join_spans(
        (bisect_right(starts, change.start) - 1, bisect_left(starts, change.end))
        for change in changes
        if change.start < change.end
    )


def utf16_length(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) + (0 if text.isascii() else sum(char > "\uffff" for char in text))


def join_spans(spans: Any) -> list[Span]:
    """Sorts spans, drops empty ones, joins those that touch or overlap."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Lines that are not blank, with their numbers from 1."""
    try:
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield number, line
    except OSError as error:
        raise _bad_data(f"Cannot read {path}: {error.strerror}.") from error


def _parsed(record: type[T], line: bytes, where: str) -> T:
    try:
        return strict.parse(record, strict.load_json(line.decode("utf-8")), ignore_unknown=True)
    except (strict.StrictError, UnicodeDecodeError) as error:
        raise _bad_data(f"{where} is not a training row: {error}.") from error


def _read_line(line: bytes, where: str) -> Example:
    row = _parsed(Row, line, where)
    vulnerable = None if row.vulnerable is None else _example(row.id, row.vulnerable, f"{where}, vulnerable")
    example = _example(row.id, row, where)
    return dataclasses.replace(example, vulnerable=vulnerable, language=row.language, prompt=row.prompt)


def _example(name: str, side: Row | Side, where: str) -> Example:
    length = utf16_length(side.text)
    for change in side.changes:
        if not change.start <= change.end <= length:
            span = f"{change.start}..{change.end}"
            raise _bad_data(f"{where}: the change {span} does not lie in a text of {length} UTF-16 code units.")
    return Example(name, _without_lone_surrogates(side.text), to_code_points(side.text, side.changes))


def _without_lone_surrogates(text: str) -> str:
    """Half a pair cannot be encoded; the replacement character has the same length in both counts."""
    if text.isascii():
        return text
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


def _bad_data(message: str) -> TrainerError:
    return TrainerError(
        "bad-data", message, "Build the data again with: hexacoder dataset build, or correct the file."
    )
