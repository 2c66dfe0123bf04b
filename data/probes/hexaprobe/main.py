"""Probes one program: reads the plan, drives every entry point in a process of its own, writes the report.

What a child sends up comes from the process in which the program runs: it is as good as a program makes it that
does not know this harness. docs/execution.md says so.
"""

from __future__ import annotations

import base64
import json
import os
import select
import signal
import sys
import time
import types
from typing import Any

from hexaprobe import (
    aiohttp_app,
    asgi_app,
    bottle_app,
    commands,
    django_app,
    environment,
    files,
    flask_app,
    functions,
    handlers,
    http_server,
    inputs,
    network,
    shots,
    standins,
    tasks,
    templates,
    tornado_app,
    watchers,
    web,
    world,
    xpaths,
)
from hexaprobe.entries import Entry, Outcome

# Time on the clock, for what does nothing for ever; processor time is bounded shot by shot.
ENTRY_SECONDS = 20.0
MOST_ENTRIES = 8


def main() -> None:
    """See the head of the file."""
    with open("/scratch/plan.json", encoding="utf-8") as file:
        plan = json.load(file)
    # Nothing of the program runs in this process, so what goes out here are our words.
    print(json.dumps(run(plan)))


def run(plan: dict[str, Any]) -> dict[str, Any]:
    """The report of a program."""
    try:
        code = handlers.compiled(plan["program"])
    except (SyntaxError, ValueError) as error:
        return {"status": "parse-error", "detail": str(error)[:200], "entries": [], "mentioned": []}
    _install(plan)
    if "task" in plan:
        return _of_task(plan, code)
    mentioned = [family["id"] for family in plan["families"] if shots.concerned(family, plan["program"])]
    results, ended = _in_child(lambda send: _list_entries(plan, code, send), ENTRY_SECONDS)
    if not results:
        return {"status": "load-failed", "detail": ended, "entries": [], "mentioned": mentioned}
    listed = results[0]
    deadline = time.monotonic() + plan["seconds"]
    entries = []
    for name in listed["entries"]:
        left = min(ENTRY_SECONDS, deadline - time.monotonic())
        if left <= 0.1:
            entries.append(
                {"name": name, "kind": "route", "line": 0, "benign": None, "families": [], "ended": "no time left"}
            )
            continue
        parts, ended = _in_child(lambda send, name=name: _drive(plan, code, name, send), left)
        entries.append(_joined(name, parts, ended))
    return {
        "status": "ran",
        "load": listed["load"],
        "entries": entries,
        "mentioned": mentioned,
        "dropped": listed["dropped"],
    }


def _of_task(plan: dict[str, Any], code: types.CodeType) -> dict[str, Any]:
    """What came of a known task."""
    parts, ended = _in_child(lambda send: _try_task(plan, code, send), ENTRY_SECONDS)
    out: dict[str, Any] = {"status": "task", "ended": ended, "benign": None, "exploit": None}
    for part in parts:
        kind = part.pop("part")
        if kind != "resisted":
            out[kind] = part
    return out


def _try_task(plan: dict[str, Any], code: types.CodeType, send: Any) -> None:
    task = plan["task"]
    tasks.install_modules(task["modules"])
    found, outcome, _events = _find(plan, code)
    entry = tasks.find_entry(found, task["entry"])
    if entry is None:
        why = (
            f"{outcome.error_type}: {outcome.error}"
            if outcome.state == "failed"
            else f"there is no {task['entry']}, but {[one.name for one in found][:4]}"
        )
        send({"part": "benign", "works": False, "why": why})
        return
    ranged = shots.Range(plan)
    ranged.given = task["files"]
    if task.get("prints"):
        commands.prints(task["prints"])
    world.world.detailed = True
    tasks.attempt(ranged, entry, task, {family["id"]: family for family in plan["families"]}, send)


def _install(plan: dict[str, Any]) -> None:
    world.install()
    watchers.install()
    xpaths.install()
    network.install()
    commands.install()
    standins.install(plan["standins"])
    environment.install(inputs.Hints(plan["hints"]))
    templates.install()
    flask_app.install()
    web.install()
    http_server.install()
    program = plan["program"]
    if "django" in program:
        django_app.install()
    if "fastapi" in program or "starlette" in program:
        asgi_app.install(program)
    if "aiohttp" in program:
        aiohttp_app.install(program)
    if "tornado" in program:
        tornado_app.install()
    if "bottle" in program:
        bottle_app.install()
    flask_app.learn_session(plan["program"])
    commands.prepare(plan["program"])
    files.install()
    time.sleep = lambda _seconds: None


def _in_child(work: Any, seconds: float) -> tuple[list[dict[str, Any]], str]:
    """Runs work in a child that sends lines; how it ended, when not by itself."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        nowhere = os.open("/dev/null", os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)
        status = 1
        try:
            work(lambda result: _write_all(writing, (json.dumps(result) + "\n").encode()))
            status = 0
        finally:
            os._exit(status)
    os.close(writing)
    data, ended = bytearray(), ""
    deadline = time.monotonic() + seconds
    while True:
        ready, _, _ = select.select([reading], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            ended = "timeout"
            os.kill(pid, signal.SIGKILL)
            break
        chunk = os.read(reading, 1 << 16)
        if not chunk:
            break
        data += chunk
    os.close(reading)
    _, status = os.waitpid(pid, 0)
    if not ended and status != 0:
        ended = f"killed by signal {status & 0x7F}" if status & 0x7F else f"left with status {status >> 8}"
    out = []
    for line in bytes(data).split(b"\n"):
        try:
            out.append(json.loads(line))
        except ValueError:
            # The last line of a child that was killed.
            continue
    return out, ended


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]


def load(plan: dict[str, Any], code: types.CodeType) -> tuple[dict[str, Any], Outcome, list[Any]]:
    """Runs the program's top level as an imported module's."""
    module = types.ModuleType("__main__")
    module.__file__ = world.PROGRAM
    # Under both names: what is defined while it loads says that it is of `program`.
    sys.modules["__main__"] = sys.modules["program"] = module
    sys.argv = [world.PROGRAM]
    names = module.__dict__
    if standins.imports_siblings(plan["program"]):
        names["__package__"] = standins.PACKAGE
    flask_app.scaffold(names, plan["program"])
    ranged = shots.Range(plan)
    ranged.given = plan.get("task", {}).get("files", {})
    entry = Entry("load", "script", 1, [], lambda _values: _exec(code, names))
    shot = ranged.shoot(entry, {}, {})
    return names, shot["outcome"], shot["events"]


def _exec(code: types.CodeType, names: dict[str, Any]) -> Outcome:
    names["__name__"] = "program"
    try:
        exec(code, names)
    except SystemExit as leaving:
        return Outcome("ok", error_type="SystemExit", error=str(leaving.code))
    return Outcome("ok")


def _find(plan: dict[str, Any], code: types.CodeType) -> tuple[list[Entry], Outcome, list[Any]]:
    names, outcome, events = load(plan, code)
    names["__name__"] = "__main__"
    for value in list(names.values()):
        if isinstance(value, type) and getattr(value, "__module__", "") == "program":
            value.__module__ = "__main__"
    found: list[Entry] = []
    if outcome.state == "ok":
        found = _served(names, plan["program"])
        if not found or "parameters" in plan["threats"]:
            found = found + functions.entries(names)
    script = functions.script(code, plan["program"])
    if not found or (not any(entry.kind == "route" for entry in found) and (script.inputs or events)):
        found = [*found, script]
    return found, outcome, events


# Frameworks in the order in which they are asked; what a program does not mention it does not use.
_DRIVERS = (
    ("flask", flask_app),
    ("django", django_app),
    ("fastapi", asgi_app),
    ("starlette", asgi_app),
    ("aiohttp", aiohttp_app),
    ("tornado", tornado_app),
    ("bottle", bottle_app),
    ("http", http_server),
)


def _served(names: dict[str, Any], program: str) -> list[Entry]:
    """Handlers of the first framework that has some."""
    return next((found for word, driver in _DRIVERS if word in program and (found := driver.entries(names))), [])


def _list_entries(plan: dict[str, Any], code: types.CodeType, send: Any) -> None:
    found, outcome, _events = _find(plan, code)
    names = list(dict.fromkeys(entry.name for entry in found))
    send({"entries": names[:MOST_ENTRIES], "dropped": max(0, len(names) - MOST_ENTRIES), "load": _brief(outcome)})


def _brief(outcome: Outcome) -> dict[str, Any]:
    out = outcome.to_dict()
    out["body"] = out["body"][:2000]
    return out


def _drive(plan: dict[str, Any], code: types.CodeType, name: str, send: Any) -> None:
    """Everything about one entry, sent part by part so that what was seen before a death is kept."""
    found, _outcome, _events = _find(plan, code)
    entry = next(one for one in found if one.name == name)
    ranged = shots.Range(plan)
    if "replay" in plan:
        _replay(ranged, entry, plan["replay"], send)
        return
    uses = shots.Uses(ranged, entry)
    send(
        {
            "part": "benign",
            "kind": entry.kind,
            "line": entry.line,
            "benign": _brief(uses.first["outcome"]),
            "uses": [_use(ranged, uses.first)],
        }
    )
    families = ranged.families_of(entry)
    for family in families:
        uses.look_for(family)
    for family in families:
        best = uses.best(family)
        result: dict[str, Any] = {"part": "family", "id": family["id"], "reached": shots.reached(family, best)}
        # A page that says no is a page, and a refusal may be logged: then it is enough that the program works.
        works = uses.works() if best["outcome"].state == "refused" and shots.reached(family, best) else None
        result["benign"] = _brief((works or best)["outcome"])
        result["uses"] = [_use(ranged, best)] if best["outcome"].state == "ok" else []
        send({**result, "part": "probing"})
        if not plan.get("benignOnly"):
            aims = shots.aim(ranged, family, entry, best, uses.keys)
            if family.get("control"):
                result["reached"] = bool(aims)
            result["exploit"] = shots.probe(ranged, family, entry, best, aims)
        send(result)


def _use(ranged: shots.Range, shot: dict[str, Any]) -> dict[str, Any]:
    """A benign use, so that another program can be asked the same."""
    out = {**_asked(shot["sent"], shot["content"]), "vivify": shot["vivify"], "outcome": _brief(shot["outcome"])}
    out["smooth"] = shots.smooth(shot)
    other = shots.instead(ranged, shot)
    return out if other is None else {**out, "instead": _asked(*other)}


def _asked(sent: inputs.Values, content: dict[str, bytes] | None) -> dict[str, Any]:
    values = [[source, key, _plain(value)] for (source, key), value in sent.items()]
    return {"values": values, "content": {ending: _in_text(data) for ending, data in (content or {}).items()}}


def _in_text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": _in_text(value)}
    if isinstance(value, dict) and "content" in value:
        return {"name": value["name"], "base64": _in_text(value["content"])}
    return {"json": value} if isinstance(value, dict) else value


def _from_plain(value: Any) -> Any:
    if not isinstance(value, dict) or "json" in value:
        return value["json"] if isinstance(value, dict) else value
    content = base64.b64decode(value["base64"])
    return {"name": value["name"], "content": content} if "name" in value else content


def _replay(ranged: shots.Range, entry: Entry, uses: dict[str, Any], send: Any) -> None:
    send({"part": "benign", "kind": entry.kind, "line": entry.line, "benign": None, "uses": []})
    for use in uses.get(entry.name, []):
        values = {(source, key): _from_plain(value) for source, key, value in use["values"]}
        content = {ending: base64.b64decode(data) for ending, data in use["content"].items()}
        shot = ranged.shoot(entry, values, content, use["vivify"])
        send({"part": "replayed", "use": _use(ranged, {**shot, "benign": None})})


def _joined(name: str, parts: list[dict[str, Any]], ended: str) -> dict[str, Any]:
    out: dict[str, Any] = {
        "name": name,
        "kind": "route",
        "line": 0,
        "benign": None,
        "families": [],
        "uses": [],
        "ended": ended,
    }
    families: dict[str, dict[str, Any]] = {}
    for part in parts:
        kind = part.pop("part", "")
        if kind == "benign":
            out.update(kind=part["kind"], line=part["line"], benign=part["benign"])
            out["uses"] += part["uses"]
        elif kind == "replayed":
            out["uses"].append(part["use"])
        elif kind in ("probing", "family"):
            families[part["id"]] = {**part, "finished": kind == "family"}
    for family in families.values():
        out["uses"] += family.pop("uses", [])
        out["families"].append(family)
    return out
