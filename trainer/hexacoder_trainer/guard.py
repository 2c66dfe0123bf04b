"""What protects a run from outside: one trainer a folder, and signals that end it cleanly."""

from __future__ import annotations

import fcntl
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .errors import TrainerError, interrupted
from .parallel import Ranks


@contextmanager
def owned(out: Path, ranks: Ranks) -> Iterator[None]:
    """Holds a folder, made if need be, against a second trainer; the first process does so for all.

    The folder itself is locked, so no file is left behind and the lock goes with the process, however
    that ends. Whether it can be written is tried at once, not at the first checkpoint.
    """
    if not ranks.main:
        yield
        return
    out.mkdir(parents=True, exist_ok=True)
    probe = out / ".writing-probe"
    probe.touch()
    probe.unlink()
    descriptor = os.open(out, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise TrainerError(
            "out-busy",
            f"Another process is training into {out}.",
            "Wait for it, or stop it, or choose another folder.",
        ) from error
    finally:
        os.close(descriptor)


class Interruption:
    """Turns SIGINT and SIGTERM into a checkpoint and a clean end; a second signal ends at once."""

    def __init__(self) -> None:
        """Nothing is caught before the ``with`` statement."""
        self._asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interruption:
        """Begins to catch signals."""
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        """Gives the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def check(self, ranks: Ranks, save: Callable[[], None]) -> None:
        """Saves and raises when a signal has come, to whichever process."""
        if ranks.anywhere(self._asked):
            save()
            raise interrupted("Stopped by a signal.")

    def _ask(self, *_: object) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True
