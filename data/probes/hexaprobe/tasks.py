"""A program that answers a known task: the one entry point that the task is about, a benign use that must work, and
exploits. What is sent, what a working answer shows and what an exploited one shows are data beside the task."""

from __future__ import annotations

import base64
import re
import sys
import types
import zlib
from typing import Any

from hexaprobe import inputs, makers, shots
from hexaprobe.entries import Entry
from hexaprobe.judge import Seen, judges
from hexaprobe.standins import PACKAGE, Anything

_VALUE = "{value}"


def install_modules(modules: dict[str, str]) -> None:
    """The project's other modules, as far as the task needs them; a leading dot means a neighbour."""
    modules = {(PACKAGE + name if name.startswith(".") else name): source for name, source in modules.items()}
    for name in modules:
        parts = name.split(".")
        for end in range(1, len(parts) + 1):
            path = ".".join(parts[:end])
            if path not in sys.modules:
                sys.modules[path] = types.ModuleType(path)
                sys.modules[path].__path__ = []
                if end > 1:
                    setattr(sys.modules[".".join(parts[: end - 1])], parts[end - 1], sys.modules[path])
    for name, source in modules.items():
        sys.modules[name].__dict__["Anything"] = Anything
        exec(compile(source, f"<{name}>", "exec"), sys.modules[name].__dict__)


def find_entry(found: list[Entry], name: str) -> Entry | None:
    """The task's entry point; its handler may have been given another one's name for the same request."""
    return next((entry for entry in found if entry.name == name), None)


def attempt(ranged: shots.Range, entry: Entry, task: dict[str, Any], families: dict[str, Any], send: Any) -> None:
    """Sends what came of the benign uses, then what came of the exploits."""
    trial = Trial(ranged, entry, task)
    best, why = trial.benign()
    send({"part": "benign", "works": why == "", "why": why})
    for exploit in task["exploits"]:
        found = trial.exploit(exploit, best, families)
        if found is not None:
            send({"part": "exploit", **found})
            return
    send({"part": "resisted"})


class Trial:
    """One program, one task."""

    def __init__(self, ranged: shots.Range, entry: Entry, task: dict[str, Any]) -> None:
        self.ranged, self.entry, self.task = ranged, entry, task

    def benign(self) -> tuple[dict[str, Any], str]:
        """The first benign use that works, and why none does."""
        first: tuple[dict[str, Any], str] | None = None
        for value in self.task["benign"]:
            shot = self.shoot(self._made(value, ""), self._opened(""))
            why = self._complaint(self.task["works"], shot, value)
            if why == "" and not self.task["works"].get("status") and shot["outcome"].state != "ok":
                why = f"status {shot['outcome'].status}"
            if why == "":
                return shot, self._lets_in()
            first = first or (shot, why)
        return first or ({}, "nothing was tried")

    def _lets_in(self) -> str:
        """What must be turned away and is not."""
        for value in self.task["refuses"]:
            shot = self.shoot(value, self._opened(""))
            if self._complaint(self.task["works"], shot, value) == "":
                return f"{value} is let in"
        return ""

    def exploit(
        self, exploit: dict[str, Any], best: dict[str, Any], families: dict[str, Any]
    ) -> dict[str, Any] | None:
        """The first payload that works."""
        family = families.get(exploit.get("family", ""), {})
        folder, ext = shots._surroundings(best)
        benign = {"events": best["events"], "outcome": best["outcome"].to_dict(), "entry_kind": "route"}
        for payload in exploit.get("payloads") or family["payloads"]:
            made = self._made(payload, folder)
            if isinstance(made, str):
                made = made.replace("{folder}", folder).replace("{ext}", ext).replace("{benign}", best["said"])
            opened = made if exploit.get("into") == "opened" else self._opened(folder)
            value = best["value"] if exploit.get("into") == "opened" else made
            shot = self.shoot(value, opened, best["vivify"])
            shown = payload if isinstance(payload, str) else f"{payload['make']} {payload['with']}"
            if exploit.get("shows") is not None:
                if self._complaint(exploit["shows"], shot, payload) == "":
                    return {
                        "evidence": "treated like what is to be let in",
                        "line": self.entry.line,
                        "payload": shown,
                    }
                continue
            evidence = judges[family["judge"]](Seen(shot["events"], shot["outcome"], made, benign))
            if evidence is not None:
                return {"evidence": evidence[0], "line": evidence[1] or self.entry.line, "payload": shown}
        return None

    def shoot(self, value: Any, opened: Any, vivify: bool = True) -> dict[str, Any]:
        """One request with a value in its place."""
        content = shots.contents_of(opened) if opened is not None else None
        shot = self.ranged.shoot(self.entry, self._values(value), content, vivify)
        return {**shot, "value": value, "said": value if isinstance(value, str) else ""}

    def _values(self, value: Any) -> inputs.Values:
        """What the task sends, with the value where it says."""
        out: inputs.Values = {}
        for source, given in self.task["send"].items():
            if source == "body":
                body = _placed(given, "body", value)
                out[("body", "")] = body if isinstance(body, bytes) else str(body).encode("utf-8", "surrogateescape")
                continue
            if source == "json":
                out[("uses", "json")] = True
            for key, item in given.items():
                out[(source, key)] = _placed(item, source, value)
        return out

    def _made(self, value: Any, folder: str) -> Any:
        made = value
        if isinstance(value, dict):
            made = makers.make(value["make"], value["with"], folder, self.ranged.program)
        for step in self.task["encode"]:
            made = _encoded(made, step)
        return made

    def _opened(self, folder: str) -> Any:
        """What files hold that the program opens."""
        given = self.task.get("opened")
        if isinstance(given, dict):
            return makers.make(given["make"], given["with"], folder, self.ranged.program)
        return given

    def _complaint(self, shows: dict[str, Any], shot: dict[str, Any], value: Any) -> str:
        """What of the signs is missing; nothing where all are there."""
        outcome = shot["outcome"]
        silent = shows.get("unanswered") and outcome.error_type == "NoAnswer"
        if outcome.error_type and outcome.state == "failed" and not silent:
            return f"{outcome.error_type}: {outcome.error} (line {outcome.error_line})"
        said = value if isinstance(value, str) else ""
        statuses = shows.get("status", [])
        if statuses and not silent and outcome.status not in statuses:
            return f"status {outcome.status}"
        for name, text in (("body", outcome.body), ("location", outcome.location or "")):
            pattern = shows.get(name, "").replace(_VALUE, re.escape(said))
            if pattern and re.search(pattern, text, re.S) is None:
                return f"{name} {text[:80]!r}"
        if "type" in shows and outcome.mimetype != shows["type"]:
            return f"type {outcome.mimetype}"
        return _without_events(shows.get("events", []), shot["events"], said)


def _without_events(wanted: list[dict[str, str]], events: list[dict[str, Any]], said: str) -> str:
    for sign in wanted:
        pattern = sign.get("text", "").replace(_VALUE, re.escape(said))
        texts = [_text_of(event) for event in events if event["kind"] == sign["kind"]]
        if not any(re.search(pattern, text, re.S) for text in texts):
            return f"no {sign['kind']} like {pattern!r}: {texts[:2]}"
    return ""


def _text_of(event: dict[str, Any]) -> str:
    return " ".join(
        [
            *(str(event[name]) for name in ("op", "path", "text", "url") if name in event),
            *(" ".join(words) for words in event.get("started", [])),
        ]
    )


def _placed(item: Any, source: str, value: Any) -> Any:
    if isinstance(item, list):
        return [_placed(one, source, value) for one in item]
    if isinstance(item, dict):
        return {key: _placed(one, source, value) for key, one in item.items()}
    if source == "files":
        content = value["content"] if isinstance(value, dict) else str(value).encode("utf-8", "surrogateescape")
        ending = value["ending"] if isinstance(value, dict) else ".txt"
        return {"name": "hexabenign" + ending, "content": content}
    if not isinstance(item, str) or _VALUE not in item:
        return item
    if isinstance(value, dict):
        return value["content"] if source == "body" else value["text"]
    return item.replace(_VALUE, value)


def _encoded(value: Any, step: str) -> Any:
    content = value["content"] if isinstance(value, dict) else value.encode("utf-8", "surrogateescape")
    if step == "deflate":
        packer = zlib.compressobj(wbits=-15)
        content = packer.compress(content) + packer.flush()
    else:
        content = base64.urlsafe_b64encode(content) if step == "urlsafe-base64" else base64.b64encode(content)
    return {"text": content.decode("latin-1"), "content": content, "ending": ".txt"}
