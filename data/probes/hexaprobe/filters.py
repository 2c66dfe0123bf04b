"""Filters of HTML: what a program does with a plain script shows whether it is one, and what it lets through in
another spelling shows whether it holds."""

from __future__ import annotations

from typing import Any

from hexaprobe.html_context import alive
from hexaprobe.world import BENIGN


def treats(benign: Any, control: Any) -> bool:
    """Whether a program treats the script in a text: takes it out, rewrites it, refuses it, says it is there."""
    if benign.state != "ok" or alive(control.body) is not None:
        return False
    if control.state == "refused":
        return True
    return control.state == "ok" and (control.body != benign.body or BENIGN in control.body)


def passes(payload: Any, benign: Any, control: Any, outcome: Any) -> str | None:
    """How another spelling of the script gets through."""
    if outcome.state != "ok":
        return None
    where = alive(outcome.body)
    if where is not None:
        return f"{where} is left: {_around(outcome.body)}"
    says = control.state == "refused" or not (BENIGN in benign.body or BENIGN in control.body)
    # An answer that is the same for every text without a script says that there is none.
    # Only a payload that is a script as it stands should have been seen.
    if says and alive(str(payload)) is not None and (outcome.status, outcome.body) == (benign.status, benign.body):
        return "a text with a script in it passes for one without"
    return None


def _around(text: str) -> str:
    at = text.find("hexaxss")
    return text[max(0, at - 60) : at + 40].replace("\n", " ")
