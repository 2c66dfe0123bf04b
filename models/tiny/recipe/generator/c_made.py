"""What an operation makes: a function, and what is to be known of it."""

import re
from dataclasses import dataclass, field

from . import text
from .c_inputs import Input
from .c_program import CProgram


@dataclass
class Made:
    """One function with one risky operation."""

    cwe: str
    source: str
    sink: str
    head: str
    body: list
    helpers: list[str] = field(default_factory=list)


def told(p: CProgram, phrases: list[str], **slots: str) -> list[str]:
    """The comment that says what comes next; a few programs have none."""
    if text.chance(p.rng, 0.06):
        return []
    words = text.expand(p.rng, p.rng.choice(phrases))
    for slot, value in slots.items():
        # People mostly say the field, and not whose it is.
        said = value if text.chance(p.rng, 0.3) else re.sub(r"^\w+(?:->|\.)(?=\w)", "", value)
        words = words.replace("{" + slot + "}", said)
    return p.comment(words)


def made(p: CProgram, cwe: str, sink: str, given: Input, parts: list, helpers=()) -> Made:
    """A function that gets its input, then does the rest, then ends well."""
    *_, comment, work = parts
    declared = parts[0] if len(parts) == 3 else []
    body = [*declared, *given.code, "", *comment, *work, *given.clean, p.out(True)]
    if given.loop:
        body = [*declared, *given.code, "", (given.loop, [*given.inside, "", *comment, *work]), p.out(True)]
    return Made(cwe, given.source, sink, given.head, body, list(helpers))


def draw(p: CProgram, table):
    """One of `(weight, value)`."""
    return text.weighted(p.rng, table)
