"""What a shot shows. Each judge sees what the program did with a payload, and with a benign value before, and
gives the evidence of an exploit (a sentence and the line) or nothing."""

from __future__ import annotations

import ipaddress
import json
import posixpath
import re
from collections.abc import Callable
from typing import Any

from hexaprobe import filters, queries, xpaths
from hexaprobe.files import HOME
from hexaprobe.html_context import alive
from hexaprobe.world import BENIGN, MARKER

Events = list[dict[str, Any]]
Evidence = tuple[str, int]


class Seen:
    """A shot and the benign use that it is held against."""

    def __init__(self, events: Events, outcome: Any, payload: Any, benign: Any) -> None:
        """Takes the shot's events and outcome, the payload, and the benign shot's result."""
        self.events, self.outcome, self.payload = events, outcome, payload
        self.benign_events: Events = benign["events"] if benign else []
        self.benign_outcome: dict[str, Any] = benign["outcome"] if benign else {}
        self.kind: str = benign["entry_kind"] if benign else "route"
        # What came of the benign use itself and of a text that the program is known to treat, for filters.
        self.best = benign.get("best") if benign else None
        self.control = benign.get("control") if benign else None


def _of(events: Events, kind: str) -> Events:
    return [event for event in events if event["kind"] == kind]


# ---- files ----


def _bases(seen: Seen, ops: tuple[str, ...] | None = None) -> set[str]:
    """The folders in which the benign use worked."""
    out = set()
    for event in _of(seen.benign_events, "file") + _of(seen.benign_events, "look"):
        if ops is not None and event.get("op") not in ops:
            continue
        if event["own"]:
            out.add(folder_of(event["path"]))
    return out


def folder_of(path: str) -> str:
    """The folder in which the input's own part of a path begins."""
    return posixpath.dirname(path[: path.index(BENIGN)] + "x") if BENIGN in path else posixpath.dirname(path)


def _is_in(path: str, base: str) -> bool:
    return path == base or path.startswith(base.rstrip("/") + "/")


def path(seen: Seen) -> Evidence | None:
    """A file was opened, listed or changed outside the folder in which the benign use worked."""
    bases = _bases(seen)
    for event in _of(seen.events, "file"):
        place = event["path"]
        if MARKER not in place or any(_is_in(place, base) for base in bases):
            continue
        if not bases and not str(seen.payload).startswith("/"):
            continue
        if seen.kind != "route" and _by_design(seen):
            continue
        where = f", outside {sorted(bases)[0]}" if bases else ""
        return f"{event['op']} {place}{where}", event["line"]
    return None


def _by_design(seen: Seen) -> bool:
    """A function that is given a path and opens just that: which one is its caller's choice."""
    return any(event["path"].startswith(f"{HOME}/{BENIGN}") for event in _of(seen.benign_events, "file"))


def archive(seen: Seen) -> Evidence | None:
    """A member of an archive was written outside the folder into which the others went."""
    bases = _bases(seen, ("write",))
    for event in _of(seen.events, "file"):
        place = event["path"]
        if event["op"] not in ("write", "link", "make") or MARKER not in place:
            continue
        if event["op"] == "link" or not bases or any(_is_in(place, base) for base in bases):
            continue
        return f"wrote {place}, outside {sorted(bases)[0]}", event["line"]
    return None


# ---- commands and code ----


def command(seen: Seen) -> Evidence | None:
    """The payload's command ran."""
    for event in seen.events:
        if event["kind"] == "fired" and event["how"] == "command":
            given = _of(seen.events, "command")
            text = given[-1]["text"] if given else ""
            return f"ran the payload's command: {text[:120]}", event["line"]
    for event in _of(seen.events, "command"):
        if event["started"][:1] and event["started"][0][0] == "remote" and "hexacommand" in event["text"]:
            return f"sent to a remote shell: {event['text'][:120]}", event["line"]
    return None


def argument(seen: Seen) -> Evidence | None:
    """The payload came to a program as an option."""
    for event in _of(seen.events, "command"):
        for words in event["started"]:
            rest = words[1 : words.index("--")] if "--" in words else words[1:]
            for word in rest:
                if word.startswith("-") and "hexaoption" in word and word == seen.payload:
                    return f"{words[0]} was given the option {word}", event["line"]
    return None


def fired(seen: Seen) -> Evidence | None:
    """The payload's code ran."""
    for event in _of(seen.events, "fired"):
        if event["how"] != "command":
            return "ran the payload's code", event["line"]
    return None


def template(seen: Seen) -> Evidence | None:
    """The payload's template expression was evaluated."""
    # 4011993 is 1337331 times 3.
    if "hexaevaluated" in seen.outcome.body or "4011993" in seen.outcome.body:
        line = next((event["line"] for event in _of(seen.events, "template")), 0)
        return "evaluated the payload's template expression", line
    return None


# ---- pages, logs, redirects ----


def html(seen: Seen) -> Evidence | None:
    """The payload came to life in a page."""
    outcome = seen.outcome
    if outcome.mimetype not in ("text/html", "application/xhtml+xml", "image/svg+xml"):
        return None
    if outcome.location is not None and (outcome.status or 0) // 100 == 3:
        # A browser goes on without showing the page.
        return None
    where = alive(outcome.body)
    return (f"{where} in the page: {_around(outcome.body)}", 0) if where else None


def _around(page: str) -> str:
    at = page.find("hexaxss")
    return page[max(0, at - 60) : at + 30].replace("\n", " ")


def log(seen: Seen) -> Evidence | None:
    """The payload began a line of its own in the log."""
    for event in _of(seen.events, "log"):
        # Every character at which something that reads logs begins a new line.
        if re.search(r"[\n\r\x0b\x0c\x85\u2028\u2029]\s*hexaforged", event["text"]):
            return f"a line of the payload's own in the log: {event['text'][:120]!r}", event["line"]
    return None


def redirect(seen: Seen) -> Evidence | None:
    """The browser is sent to the payload's host."""
    location = seen.outcome.location
    if location is None:
        return None
    host = browser_host(location)
    if host is not None and (host == "hexaevil.example" or host.endswith(".hexaevil.example")):
        return f"Location: {location[:120]}", 0
    if re.match(r"javascript:", location.strip(), re.I):
        return f"Location: {location[:120]}", 0
    return None


def browser_host(location: str) -> str | None:
    """The host to which a browser goes: backslashes are slashes to it, tabs and line ends nothing."""
    text = re.sub(r"[\t\r\n]", "", location.strip("\x00 \x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x1f"))
    match = re.match(r"([a-zA-Z][\w+.-]*:)?(.*)", text, re.S)
    scheme, rest = (match[1] or "").lower(), (match[2] if match else text)
    if scheme not in ("", "http:", "https:"):
        return None
    rest = rest.replace("\\", "/")
    slashes = len(rest) - len(rest.lstrip("/"))
    if scheme == "" and slashes < 2:
        return None
    authority = re.split(r"[/?#]", rest.lstrip("/"), maxsplit=1)[0]
    return authority.rsplit("@", 1)[-1].split(":")[0].lower().rstrip(".")


# ---- SQL, XML, requests ----

_SQL_TOKEN = re.compile(
    r"""\s+|--[^\n]*|/\*.*?\*/|'(?:[^']|'')*'|"(?:[^"]|"")*"|`[^`]*`|\d+(?:\.\d+)?|[A-Za-z_]\w*|.""", re.S
)


def shape(sql: str) -> tuple[str, ...]:
    """A statement without its values: what a value must not change."""
    out = []
    for token in _SQL_TOKEN.findall(sql):
        if token.isspace():
            continue
        if token.startswith("--") or token.startswith("/*"):
            out.append("comment")
        elif token[0] in "'\"" or token[0].isdigit():
            out.append("value")
        else:
            out.append(token.lower())
    return tuple(out)


def sql(seen: Seen) -> Evidence | None:
    """The payload became part of the statement itself."""
    known = {shape(event["text"]) for event in _of(seen.benign_events, "sql")}
    for event in _of(seen.events, "sql"):
        if "hexasql" in event["text"] and shape(event["text"]) not in known:
            outside = _SQL_TOKEN.sub(lambda match: " " if match[0][0] in "'\"" else match[0], event["text"])
            # The payload as a value changes nothing; only where it stands outside of quotes it is language.
            if "hexasql" in outside or known:
                return f"the statement became: {event['text'][:160]}", event["line"]
    return None


def directory(seen: Seen) -> Evidence | None:
    """The payload became part of the filter itself."""
    known = {queries.filter_shape(event["text"]) for event in _of(seen.benign_events, "ldap")}
    for event in _of(seen.events, "ldap"):
        if known and "hexaldap" in event["text"] and queries.filter_shape(event["text"]) not in known:
            return f"the filter became: {event['text'][:160]}", event["line"]
    return None


def document(seen: Seen) -> Evidence | None:
    """The payload brought an operator into the query, or wrote the code in it."""
    benign = _of(seen.benign_events, "document")
    known = {name for event in benign for name in queries.operators(event["text"])}
    for event in _of(seen.events, "document"):
        if benign and "hexanosql" in event["text"] and queries.operators(event["text"]) - known:
            return f"the query became: {event['text'][:160]}", event["line"]
        code = re.search(r'"\$where": "((?:[^"\\]|\\.)*)"', event["text"])
        if code and re.search(r"hexanosql\(\)", re.sub(r"'(?:[^'\\]|\\.)*'", "''", json.loads(f'"{code[1]}"'))):
            return f"the query's code became: {code[1][:160]}", event["line"]
    return None


def xpath(seen: Seen) -> Evidence | None:
    """The payload became part of the expression itself."""
    known = {xpaths.shape(event["text"]) for event in _of(seen.benign_events, "xpath")}
    for event in _of(seen.events, "xpath"):
        if known and "hexaxpath" in event["text"] and xpaths.shape(event["text"]) not in known:
            return f"the expression became: {event['text'][:160]}", event["line"]
    return None


def tag_filter(seen: Seen) -> Evidence | None:
    """The payload got through a filter that a plain script does not get through."""
    if seen.control is None:
        return None
    how = filters.passes(seen.payload, seen.best, seen.control, seen.outcome)
    return (how, 0) if how is not None else None


def header(seen: Seen) -> Evidence | None:
    """The payload began a header of its own in the answer."""
    for name, value in seen.outcome.headers.items():
        if name == "hexaforged" or re.search(r"[\r\n]\s*hexaforged", value):
            return f"a header of the payload's own in the answer: {name}: {value[:100]!r}", 0
    return None


def xml(seen: Seen) -> Evidence | None:
    """The text of a file came out of an entity."""
    for event in _of(seen.events, "xml"):
        if event["leaked"]:
            return "an external entity of the payload was read from a file", event["line"]
    for event in _of(seen.events, "file"):
        if "hexasecret" in event["path"] and event["op"] == "read" and event["given"].endswith("hexasecret.txt"):
            return "an external entity of the payload was read from a file", event["line"]
    for event in _of(seen.events, "net"):
        if "hexasecret" in event["url"]:
            return f"an external entity was fetched: {event['url'][:100]}", event["line"]
    return ("the answer holds what an entity read from a file", 0) if "hexaleaked" in seen.outcome.body else None


def request(seen: Seen) -> Evidence | None:
    """A request went to an address inside, or to a host of the payload's choice."""
    for event in _of(seen.events, "net"):
        if "hexa" not in event["url"]:
            continue
        if seen.kind != "route" and event["url"] == seen.payload:
            # A function that is given an address and asks there: which one is its caller's choice.
            continue
        if event["address"] == "file":
            return f"read {event['url'][:120]}", event["line"]
        if "hexainside" in event["url"] and _is_inside(event["address"]):
            return f"requested {event['url'][:120]} ({event['address']})", event["line"]
    return None


def _is_inside(address: str) -> bool:
    try:
        return not ipaddress.ip_address(address).is_global
    except ValueError:
        return False


def host_check(seen: Seen) -> Evidence | None:
    """A check of an address says the same of the payload as of the address that it is to let in."""
    good, now = seen.benign_outcome, seen.outcome
    bad = seen.benign_outcome.get("negative")
    if bad is None or good.get("state") != "ok" or now.state != "ok":
        return None
    same = lambda one: (one.get("status"), _plain(one.get("body", "")), one.get("location") is not None)  # noqa: E731
    this = (now.status, _plain(now.body), now.location is not None)
    if same(good) != same(bad) and this == same(good):
        return f"{str(seen.payload)[:100]} passes for an address of the host that is let in", 0
    return None


def _plain(text: str) -> str:
    return re.sub(r"https?:/+\S+|\S*(?:hexa|example|\.com|\.org|\.net)\S*", "URL", text)


judges: dict[str, Callable[[Seen], Evidence | None]] = {
    "path": path,
    "archive": archive,
    "command": command,
    "argument": argument,
    "fired": fired,
    "template": template,
    "html": html,
    "log": log,
    "redirect": redirect,
    "sql": sql,
    "directory": directory,
    "document": document,
    "xml": xml,
    "xpath": xpath,
    "tag-filter": tag_filter,
    "header": header,
    "request": request,
    "host-check": host_check,
}
