"""Environment variables that the program takes for granted: each holds a value by its name, as an installation would
have set it. What it asks for with a default, or whether it is there, keeps its answer."""

from __future__ import annotations

import os
import sys
from typing import Any

from hexaprobe.inputs import Hints
from hexaprobe.world import PROGRAM, world


def install(hints: Hints) -> None:
    """Puts the look-up in place."""
    kind: Any = type(os.environ)
    real = kind.__getitem__

    def look_up(self: Any, name: Any) -> Any:
        try:
            return real(self, name)
        except KeyError:
            # `get` and `in` come from elsewhere, and have an answer of their own.
            if not world.watching or sys._getframe(1).f_code.co_filename != PROGRAM:
                raise
            return str(hints.of(("environment", name))["value"])

    kind.__getitem__ = look_up
