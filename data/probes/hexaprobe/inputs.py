"""Values for what a program asks for: by the name of the part, or those that a family of probes brings."""

from __future__ import annotations

import ast
import mimetypes
import re
from typing import Any

Key = tuple[str, str]
Values = dict[Key, Any]


class Ready(str):
    """A value that is already as it is sent."""

    __slots__ = ()


def leaf(key: Key) -> str:
    """The name of a part; of a field in a part, the field's."""
    return key[1].rpartition("\t")[2]


class Hints:
    """The table of values by name."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        """Compiles it."""
        self.rows = [(re.compile(row["name"], re.I), row) for row in rows]

    def of(self, key: Key) -> dict[str, Any]:
        """The row for a part of the input."""
        return next((row for pattern, row in self.rows if pattern.search(leaf(key))), {"value": "hexabenign"})

    def value(self, key: Key) -> Any:
        """A benign value."""
        source, name = key[0], leaf(key)
        row = self.of(key)
        if source == "uses":
            return True
        if source == "files":
            return {"name": _upload_name(name), "content": b"hexabenign content\n"}
        if source == "body":
            return b'{"name": "hexabenign"}'
        if source in ("json", "parameter", "within") and row.get("number"):
            return int(row["value"])
        if source == "stdin":
            # What asks at a console takes a number most often, and as a text, too.
            return "1"
        if source == "argv":
            return "hexabenign.txt"
        return row["value"]


def _upload_name(name: str) -> str:
    return "hexabenign.png" if re.search("im(g|age)|photo|pic|avatar", name, re.I) else "hexabenign.txt"


def fits(hints: Hints, key: Key, family: dict[str, Any]) -> bool:
    """Whether a family's value may go into a part of the input: not into numbers, nor into folders to write to."""
    row = hints.of(key)
    if key[0] != "parameter":
        return key[0] != "uses" and (key[0] != "within" or leaf(key) != "")
    return not row.get("number") and not (row.get("folder") and family.get("sparesFolders"))


def place(hints: Hints, key: Key, made: Any) -> Any:
    """A family's value as this part of the input takes it."""
    source = key[0]
    if not isinstance(made, dict):
        if source == "files":
            return {"name": str(made), "content": b"hexabenign content\n"}
        return made.encode("utf-8", "surrogateescape") if source == "body" and isinstance(made, str) else made
    if source == "files":
        return {"name": "hexabenign" + made["ending"], "content": made["content"]}
    if source == "body":
        return made["content"]
    if source in ("json", "within") and "value" in made:
        return made["value"]
    if source == "parameter" and hints.of(key).get("file"):
        return Ready("hexabenign" + made["ending"])
    if source == "parameter" and hints.of(key).get("url"):
        return Ready("https://hexabenign.example/hexabenign" + made["ending"])
    return Ready(made["text"]) if isinstance(made["text"], str) else made["text"]


def encoded(program: str) -> list[str]:
    """A benign value in each encoding that the program takes off."""
    forms = {
        "b64decode": "aGV4YWJlbmlnbg==",
        "fromhex|unhexlify|'hex'|\"hex\"": "6865786162656e69676e",
        r"json\.loads": '{"name": "hexabenign"}',
    }
    return [Ready(value) for pattern, value in forms.items() if re.search(pattern, program)]


def literals(program: str) -> list[str]:
    """Texts of the program that may be what it lets in: elements of lists, sides of comparisons, keys."""
    try:
        tree = ast.parse(program)
    except SyntaxError:
        return []
    found: dict[str, None] = {}

    def add(node: ast.AST | None) -> None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) < 60:
            found.setdefault(node.value)

    for node in ast.walk(tree):
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            for item in node.elts:
                add(item)
        elif isinstance(node, ast.Dict):
            for item in node.keys:
                add(item)
        elif isinstance(node, ast.Compare):
            for item in (node.left, *node.comparators):
                add(item)
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("startswith", "endswith"):
            for item in node.args:
                add(item)
    return [word for word in found if not word.startswith("__")][:24]


def matched_keys(program: str) -> list[str]:
    """Keys of the patterns that the program matches objects with: it asks for none of them before all are there."""
    try:
        tree = ast.parse(program)
    except SyntaxError:
        return []
    keys = [key for node in ast.walk(tree) if isinstance(node, ast.MatchMapping) for key in node.keys]
    return [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]


def candidates(word: str) -> list[str]:
    """A literal as a value: as it is, as an ending, as the beginning of an address."""
    out = [word]
    if word.startswith(".") and re.fullmatch(r"\.\w{1,6}", word):
        out = ["hexabenign" + word]
    elif re.fullmatch(r"(image|video|audio|text|application)/[\w.+-]+", word):
        out = ["hexabenign" + (mimetypes.guess_extension(word) or ".bin")]
    elif re.fullmatch(r"(png|jpe?g|gif|txt|pdf|csv|json|xml|zip|tar|ya?ml|html)", word):
        out = ["hexabenign." + word]
    elif re.match(r"https?://", word):
        out = [word, word.rstrip("/") + "/hexabenign"]
    elif re.fullmatch(r"[\w-]+(\.[\w-]+)+/?", word) and not word.replace(".", "").isdigit():
        out = [word, "https://" + word.strip("/") + "/hexabenign"]
    return out
