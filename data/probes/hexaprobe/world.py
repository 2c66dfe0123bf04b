"""What one shot sees and what was seen of it: events, each with the line of the program that caused it."""

from __future__ import annotations

import sys
from typing import Any

# Words that no program has of its own: what carries one was put there by a probe or by a benign use.
BENIGN = "hexabenign"
MARKER = "hexasecret"
PROGRAM = "/srv/app/program.py"
MOST_EVENTS = 400


class World:
    """State of the current shot; one for the process, emptied for each shot."""

    def __init__(self) -> None:
        """Starts empty."""
        self.events: list[dict[str, Any]] = []
        self.lookups: dict[tuple[str, str], None] = {}
        self.contents: dict[str, bytes] = {}
        # What files and servers hold that the input names, where it is not the same.
        self.own_contents: dict[str, bytes] | None = None
        self.vivify_on_stat = True
        self.names: frozenset[str] = frozenset()
        self.watching = False
        # Whether what stands in for the project's own objects tells what is done to it.
        self.detailed = False
        # The request that is being answered: method, query and body.
        self.sent: tuple[str, str, bytes] | None = None
        # Whose a text of the input is, what the program decoded, and its own values for what is left out.
        self.texts: dict[str, tuple[str, str]] = {}
        self.decoded: dict[tuple[str, str], str] = {}
        self.defaults: dict[tuple[str, str], Any] = {}

    def start(self, names: frozenset[str], contents: dict[str, bytes], vivify: bool) -> None:
        """Empties it: names that the input gives, what files and servers hold, whether asked-for files exist."""
        self.events = []
        self.lookups = {}
        self.contents = contents
        self.own_contents = None
        self.vivify_on_stat = vivify
        self.names = names
        self.sent = None
        self.texts, self.decoded, self.defaults = {}, {}, {}
        self.watching = True

    def stop(self) -> list[dict[str, Any]]:
        """Ends the shot."""
        self.watching = False
        return self.events

    def note(self, kind: str, **fields: Any) -> None:
        """Notes what the program does; what nobody's code of the program is behind is not its doing."""
        if not self.watching or len(self.events) >= MOST_EVENTS:
            return
        line = program_line()
        if line is None and kind != "fired":
            return
        self.events.append({"kind": kind, "line": line or 0, **fields})

    def looked_up(self, source: str, key: str, default: Any = None) -> None:
        """Notes which part of the input the program asks for, and what it takes where there is none."""
        if not self.watching or not isinstance(key, str) or len(self.lookups) >= 40:
            return
        self.lookups.setdefault((source, key))
        if (isinstance(default, str) and default != "") or type(default) is int:
            self.defaults.setdefault((source, key), default)


def program_line() -> int | None:
    """The innermost line of the program on the stack."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == PROGRAM:
            return frame.f_lineno
        frame = frame.f_back
    return None


world = World()


class HexaEffect:
    """What a payload calls when it runs: nothing but a note."""

    def __init__(self, *_args: object, **_named: object) -> None:
        """Fires."""
        fire("object")


def fire(how: str = "call") -> str:
    """The harmless effect of a payload that was run."""
    world.note("fired", how=how)
    return "hexafired"


def install() -> None:
    """Makes the effect importable under the name that payloads use."""
    module = type(sys)("hexaeffect")
    module.fire = fire
    module.HexaEffect = HexaEffect
    sys.modules["hexaeffect"] = module
