"""Drives one entry point: finds out what it reads, finds a benign use that works, then lets the probes at it."""

from __future__ import annotations

import os
import re
import signal
from typing import Any

from hexaprobe import files, filters, inputs, layers, makers, scope
from hexaprobe.entries import Entry, Outcome
from hexaprobe.functions import guarded
from hexaprobe.judge import Seen, folder_of, judges
from hexaprobe.watchers import held_databases
from hexaprobe.world import BENIGN, PROGRAM, world

MOST_INPUTS = 6
MOST_BENIGN = 26
# Processor time, so that a busy machine does not change verdicts.
SHOT_SECONDS = 2.0
_STATES = {"ok": 2, "refused": 1, "failed": 0}


class ShotTimeout(BaseException):
    """A shot that takes too long; no handler of the program should take it for an error of its own."""


def _on_alarm(_signal: int, _frame: Any) -> None:
    raise ShotTimeout


class Range:
    """Where shots are fired: the program's text and what the plan says."""

    def __init__(self, plan: dict[str, Any]) -> None:
        """Reads the plan."""
        self.program: str = plan["program"]
        self.hints = inputs.Hints(plan["hints"])
        self.families = plan["families"]
        # Files of the project that are there from the beginning, by path.
        self.given: dict[str, str] = {}
        # What the program was seen to take off, and its own values for what is left out, by part.
        # Values that were made for a part are not wrapped once more.
        self.learns = "task" not in plan and "replay" not in plan
        self.encodings: dict[inputs.Key, str] = {}
        self.defaults: inputs.Values = {}
        self.matched = inputs.matched_keys(self.program)
        self.words = [*inputs.encoded(self.program), *inputs.literals(self.program)]
        signal.signal(signal.SIGPROF, _on_alarm)

    def families_of(self, entry: Entry) -> list[dict[str, Any]]:
        """The families that concern what an entry can come to."""
        text = self.program if entry.kind == "script" else scope.reachable(self.program, entry.line)
        return [family for family in self.families if concerned(family, text)]

    def shoot(
        self,
        entry: Entry,
        values: inputs.Values,
        content: dict[str, bytes] | None = None,
        vivify: bool = True,
        own: dict[str, bytes] | None = None,
    ) -> dict[str, Any]:
        """Drives an entry once, in a fresh world."""
        self._clean()
        sent = layers.wrapped(values, self.encodings)
        world.start(_names_in(values), content or {}, vivify)
        world.texts, world.own_contents = layers.texts_of(sent), own
        signal.setitimer(signal.ITIMER_PROF, SHOT_SECONDS, 0.5)
        try:
            outcome = guarded(entry, sent)
        except ShotTimeout:
            outcome = Outcome("failed", error_type="Timeout", error=f"no end after {SHOT_SECONDS} seconds")
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        if outcome.error_type == "ShotTimeout":
            outcome.error_type = "Timeout"
        events = world.stop()
        if self.learns:
            self.encodings |= world.decoded
            self.defaults |= world.defaults
        return {
            "sent": sent,
            "events": events,
            "outcome": outcome,
            "lookups": list(world.lookups),
            "values": values,
            "content": content,
            "vivify": vivify,
        }

    def _clean(self) -> None:
        files.clear(held_databases())
        os.makedirs(files.ROOT + files.HOME, exist_ok=True)
        os.makedirs(files.ROOT + "/tmp", exist_ok=True)
        with open(files.ROOT + PROGRAM, "w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(self.program)
        for name, text in self.given.items():
            place = f"{files.ROOT}{files.HOME}/{name}"
            os.makedirs(os.path.dirname(place), exist_ok=True)
            with open(place, "w", encoding="utf-8") as file:
                file.write(text)
        os.chdir(files.ROOT + files.HOME)
        for name in ("/scratch/server.db", "/scratch/orm.db"):
            if os.path.lexists(name):
                os.remove(name)


def _names_in(values: inputs.Values) -> frozenset[str]:
    """File names that an input gives, as they are and as a cleaned name would be."""
    out = set()
    for value in values.values():
        given = value.get("name") if isinstance(value, dict) else value
        if isinstance(given, str) and len(given) < 300:
            flat = re.sub(r"[^A-Za-z0-9_.-]", "_", given.replace("/", " ").strip().replace(" ", "_")).strip("._")
            out |= {os.path.basename(given), flat}
    return frozenset(out)


def concerned(family: dict[str, Any], program: str) -> bool:
    """Whether the program mentions what the family is about."""
    return any(re.search(pattern, program) for pattern in family["mentions"])


def discover(ranged: Range, entry: Entry) -> tuple[list[inputs.Key], dict[str, Any]]:
    """Asks again with what was looked up, until nothing new is."""
    keys = list(entry.inputs)
    for _ in range(6):
        known = dict(ranged.encodings)
        shot = ranged.shoot(entry, {key: entry.defaults.get(key, ranged.hints.value(key)) for key in keys})
        fresh = [key for key in _asked(ranged, shot) if key not in keys]
        if not fresh and ranged.encodings == known:
            return keys, shot
        keys += fresh
    return keys, shot


def _asked(ranged: Range, shot: dict[str, Any]) -> list[inputs.Key]:
    """Parts of the input that were looked up, or are matched with a pattern."""
    asked = shot["lookups"]
    return [*asked, *(("json", name) for name in ranged.matched)] if ("uses", "json") in asked else asked


def reached(family: dict[str, Any], shot: dict[str, Any]) -> bool:
    """Whether a benign use came to the operation."""
    outcome = shot["outcome"]
    for kind in family["reaches"]:
        if (
            kind == "page"
            and outcome.mimetype in ("text/html", "application/xhtml+xml", "image/svg+xml")
            and outcome.body
        ):
            return True
        if kind == "treated" and outcome.state == "ok" and outcome.body:
            return True
        if kind == "header" and any(BENIGN in value for value in outcome.headers.values()):
            return True
        if kind == "redirect" and outcome.location is not None:
            return True
        if kind == "file":
            if any(event["kind"] == "file" and event["own"] and not _glued(event) for event in shot["events"]):
                return True
        elif any(event["kind"] == kind for event in shot["events"]):
            return True
    return False


def _glued(event: dict[str, Any]) -> bool:
    """Whether a name was put right behind the working directory's: `cwd + name` lies beside the folder, and a name
    that is meant to lie in it begins with a slash."""
    return event["kind"] in ("file", "look") and event["path"].startswith(files.HOME + BENIGN)


def _handled(shot: dict[str, Any]) -> bool:
    return any(event["kind"] == "handled" for event in shot["events"])


def smooth(shot: dict[str, Any]) -> bool:
    """Whether a use is what the program is for: no exception is handled, no name falls beside the folder."""
    return not _handled(shot) and not any(map(_glued, shot["events"]))


def score(family: dict[str, Any], shot: dict[str, Any]) -> tuple[bool, int, bool]:
    """Better benign uses come to the operation, end well, and are what the program is for."""
    return reached(family, shot), _STATES[shot["outcome"].state], smooth(shot)


_BEST = (True, 2, True)


def contents_of(made: Any) -> dict[str, bytes]:
    """What files and servers hold when a family's value is in them."""
    if isinstance(made, dict):
        return {"": made["content"]}
    return {"": made.encode("utf-8", "surrogateescape")} if isinstance(made, str) else {}


def _made(family: dict[str, Any], value: Any, folder: str, program: str) -> Any:
    if isinstance(value, dict):
        made = makers.make(value["make"], value["with"], folder, program)
        if "instead" in value:
            # A file of the project keeps its name.
            made["instead"] = _made(family, value["instead"], folder, program) | {"ending": made["ending"]}
        return made
    if family.get("content"):
        return {"text": value, "content": value.encode("utf-8", "surrogateescape"), "ending": family["ending"]}
    return value


class Uses:
    """The benign uses of an entry that were tried so far: what one family finds may serve another."""

    def __init__(self, ranged: Range, entry: Entry) -> None:
        """Finds out what the entry reads, with values by name."""
        self.ranged, self.entry = ranged, entry
        self.keys, self.first = discover(ranged, entry)
        self.first["benign"] = None
        self.shots = [self.first]
        self.tried: set[str] = set()

    def best(self, family: dict[str, Any]) -> dict[str, Any]:
        """The best one for a family so far."""

        def rank(shot: dict[str, Any]) -> Any:
            reaches, state, meant = score(family, shot)
            good = reaches and state == 2
            # One that is not yet good is worth going on from only with the family's own values in it.
            return good and meant, good, shot.get("family") == family["id"], reaches, state

        return max(self.shots, key=rank)

    def hinted(self) -> inputs.Values:
        """Values by name, and the program's own defaults."""
        return {key: self.entry.defaults.get(key, self.ranged.hints.value(key)) for key in self.keys}

    def works(self) -> dict[str, Any] | None:
        """A use that ends well, whatever it comes to."""
        return next((shot for shot in self.shots if shot["outcome"].state == "ok"), None)

    def attempt(
        self,
        family: dict[str, Any],
        values: inputs.Values,
        content: dict[str, bytes] | None,
        value: Any,
        vivify: bool = True,
    ) -> None:
        """One more, unless it was tried before."""
        known = repr((sorted(values.items(), key=repr), content, vivify))
        if known not in self.tried:
            self.tried.add(known)
            shot = self.ranged.shoot(self.entry, values, content, vivify)
            self.keys += [key for key in shot["lookups"] if key not in self.keys]
            self.shots.append({**shot, "benign": value, "family": family["id"]})

    def look_for(self, family: dict[str, Any]) -> None:
        """Tries the family's own values, then what the program itself names."""
        if score(family, self.first) == _BEST and not family.get("content"):
            return
        hints = self.ranged.hints
        for value in (_made(family, one, "", self.ranged.program) for one in family["benign"]):
            hinted = self.hinted()
            content = contents_of(value) if family.get("content") else None
            placed = {
                key: inputs.place(hints, key, value)
                if inputs.fits(hints, key, family) and key not in self.entry.defaults
                else hinted[key]
                for key in self.keys
            }
            self.attempt(family, placed, content, value)
            if score(family, self.best(family)) == _BEST:
                return
        self._below_folder(family)
        best = self.best(family)
        if best["outcome"].state != "ok":
            self.attempt(family, best["values"], best["content"], best["benign"], False)
        own = dict(self.ranged.defaults)
        if own:
            self.attempt(family, {**best["values"], **own}, best["content"], best["benign"])
        self._name_by_name(family, {})
        if own:
            # Values of the program's own for all but one part.
            self._name_by_name(family, own)

    def _below_folder(self, family: dict[str, Any]) -> None:
        """Names with a slash in front, where they were seen right behind the folder's."""
        for shot in [shot for shot in self.shots if any(map(_glued, shot["events"]))][:1]:
            values = {
                key: "/" + value
                if isinstance(value, str) and BENIGN in value and not value.startswith("/")
                else value
                for key, value in shot["values"].items()
            }
            self.attempt(family, values, shot["content"], shot["benign"], shot["vivify"])

    def _name_by_name(self, family: dict[str, Any], own: inputs.Values) -> None:
        left = MOST_BENIGN
        for word in self.ranged.words:
            for value in inputs.candidates(word):
                for key in [key for key in self.keys[:3] if key[0] != "uses"]:
                    best = self.best(family)
                    if left == 0 or score(family, best) == _BEST:
                        return
                    left -= 1
                    values = layers.replaced(
                        {**best["values"], **own}, key, inputs.place(self.ranged.hints, key, value)
                    )
                    self.attempt(family, values, best["content"], best["benign"], best["vivify"])


def instead(ranged: Range, shot: dict[str, Any]) -> tuple[inputs.Values, dict[str, bytes]] | None:
    """What a benign use sends, and what files hold, with its data in the form that a repair may ask for."""
    made = shot["benign"]
    other = made.get("instead") if isinstance(made, dict) else None
    if other is None:
        return None
    values = {
        key: inputs.place(ranged.hints, key, other) if value == inputs.place(ranged.hints, key, made) else value
        for key, value in shot["values"].items()
    }
    return layers.wrapped(values, ranged.encodings), contents_of(other) if shot["content"] else {}


Aims = dict[inputs.Key | None, Any]


def aim(ranged: Range, family: dict[str, Any], entry: Entry, best: dict[str, Any], keys: list[inputs.Key]) -> Aims:
    """Where the payloads go, each with what came of the family's control there, where it has one: None is what files
    and servers hold."""
    targets: list[inputs.Key | None] = [key for key in keys if inputs.fits(ranged.hints, key, family)][:MOST_INPUTS]
    if family.get("content"):
        targets = [None, *targets]
    control = family.get("control")
    if not control:
        return dict.fromkeys(targets)
    shots = {key: _fire(ranged, family, entry, best, key, control) for key in targets}
    return {
        key: shot["outcome"]
        for key, (shot, _value) in shots.items()
        if filters.treats(best["outcome"], shot["outcome"])
    }


def probe(
    ranged: Range, family: dict[str, Any], entry: Entry, best: dict[str, Any], aims: Aims
) -> dict[str, Any] | None:
    """The first payload that does what it should not, with the evidence."""
    if not reached(family, best) and best["outcome"].state == "ok":
        # It works and does nothing of the kind: there is nothing to attack.
        return None
    judge = judges[family["judge"]]
    benign = {
        "events": best["events"],
        "outcome": best["outcome"].to_dict(),
        "best": best["outcome"],
        "entry_kind": entry.kind,
    }
    for payload in family["payloads"]:
        for key, control in aims.items():
            if key is None and not isinstance(best["benign"], dict) and best["content"] is None:
                continue
            shot, value = _fire(ranged, family, entry, best, key, payload)
            evidence = judge(Seen(shot["events"], shot["outcome"], value, {**benign, "control": control}))
            if evidence is not None:
                text, line = evidence
                where = "its files" if key is None else " ".join(part for part in key if part).replace("\t", " ")
                shown = payload if isinstance(payload, str) else f"{payload['make']} {payload['with']}"
                return {"evidence": text, "line": line or entry.line, "payload": shown, "input": where}
    return None


def _fire(
    ranged: Range, family: dict[str, Any], entry: Entry, best: dict[str, Any], key: inputs.Key | None, payload: Any
) -> tuple[dict[str, Any], Any]:
    """A benign use with a payload in one place, and the payload as it was sent."""
    folder, ext = _surroundings(best)
    made = _made(family, payload, folder, ranged.program)
    value = made if isinstance(made, dict) else _filled(made, best, key, folder, ext)
    content = contents_of(value) if family.get("content") else best["content"]
    values = dict(best["values"])
    if key is not None:
        values = layers.replaced(values, key, inputs.place(ranged.hints, key, value))
    if entry.kind != "route" or not family.get("content"):
        return ranged.shoot(entry, values, content, best["vivify"]), value
    # Where there are handlers, a file or a server whose name no request brings is the project's own.
    return ranged.shoot(entry, values, best["content"], best["vivify"], content), value


def _filled(payload: str, best: dict[str, Any], key: inputs.Key | None, folder: str, ext: str) -> str:
    value = best["values"].get(key) if key is not None else ""
    if isinstance(value, dict):
        value = value.get("name")
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value if value is not None else "")
    return payload.replace("{benign}", text).replace("{folder}", folder).replace("{ext}", ext)


def _surroundings(best: dict[str, Any]) -> tuple[str, str]:
    """The name of the folder in which the benign use worked, and the ending of its file."""
    own = [event for event in best["events"] if event["kind"] in ("file", "look") and event["own"]]
    # Where an archive goes is where it is written, not where it lies.
    for event in [event for event in own if event.get("op") == "write"] or own:
        folder = os.path.basename(folder_of(event["path"])) or "app"
        values = [
            str(value.get("name")) if isinstance(value, dict) else str(value) for value in best["values"].values()
        ]
        given = next((value for value in values if BENIGN in value and "." in value), "")
        return folder, os.path.splitext(given)[1]
    return "app", ".txt"
