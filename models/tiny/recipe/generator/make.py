"""Makes whole programs: a framework, one to three handlers, operations drawn from the mix."""

import ast
import random
import re

from . import ops_benign, ops_command, ops_html, ops_load, ops_path, ops_small, ops_url, ops_xml, text
from .common import close
from .frameworks import Bottle, Django, Flask
from .frameworks_async import AioHttp, FastApi, HttpServer, Plain, Starlette, Tornado
from .handler import Handler
from .program import Program
from .text import chance, weighted

FRAMEWORKS = [
    (29, Flask),
    (23, Django),
    (23, FastApi),
    (5, Bottle),
    (5, Tornado),
    (5, AioHttp),
    (4, HttpServer),
    (2.5, Starlette),
    (3.5, Plain),
]

# Shares of the operations; everything but the last can be weak.
MIX = [
    (12, ops_url.OPS),
    (14, ops_path.OPS),
    (13, ops_command.OPS),
    (13, ops_html.OPS),
    (10, ops_small.CODE_OPS),
    (9, ops_small.LOG_OPS),
    (10, ops_load.OPS),
    (11, ops_xml.OPS),
    (8, ops_benign.OPS),
]

SECURE_SHARE = 0.26


def make_program(seed: int) -> str:
    """One program; the same for the same seed."""
    attempt = 0
    while True:
        rng = random.Random(seed * 1009 + attempt)
        try:
            source = _attempt(rng)
            ast.parse(source)
            return source
        except SyntaxError:
            attempt += 1


def _attempt(rng) -> str:
    p = Program(rng)
    p.secure = chance(rng, SECURE_SHARE)
    framework = weighted(rng, FRAMEWORKS)(p)
    for _ in range(weighted(rng, [(89, 1), (9, 2), (2, 3)])):
        _add_handler(p, framework)
        if chance(rng, 0.5):
            p.noun = text.noun(rng)
    _move_import(p)
    return p.render()


def _add_handler(p, framework) -> None:
    rng = p.rng
    operation = weighted(rng, weighted(rng, MIX))
    wheres = dict(framework.wheres)
    if operation in (
        ops_url.check_url,
        ops_html.page,
        ops_command.run_tool,
        ops_small.evaluate,
        ops_small.log_line,
        *(o for _, o in ops_benign.OPS),
    ):
        wheres.pop("upload", None)
        wheres.pop("raw", None)
        if operation is ops_small.evaluate and "raw" in framework.wheres:
            wheres["raw"] = 1.5
    elif operation in (ops_path.serve_file, ops_path.list_folder):
        wheres.pop("upload", None)
        wheres.pop("raw", None)
    elif operation is ops_path.extract:
        wheres.pop("raw", None)
    elif operation in (ops_load.load, ops_xml.parse):
        for place in ("raw", "upload"):
            if place in wheres:
                wheres[place] *= 1.6
        if operation is ops_load.load:
            wheres["cookie"] = wheres.get("cookie", 0) * 2.5
        wheres.pop("path", None)
    where = weighted(rng, [(w, k) for k, w in wheres.items() if w])
    h = Handler(p, framework, where)
    framework.current = h
    operation(h)
    p.blocks.append(close(h))


MOVABLE = (
    "subprocess",
    "pickle",
    "yaml",
    "tarfile",
    "zipfile",
    "html",
    "ast",
    "shlex",
    "marshal",
    "base64",
    "json",
    "re",
    "shutil",
    "os",
    "os",
    "dill",
    "jsonpickle",
    "requests",
    "jinja2",
    "xml.etree.ElementTree as ET",
    "defusedxml.ElementTree as ET",
    "lxml.etree",
    "xml.sax",
)
MOVABLE_NAMES = (
    ("lxml", "etree"),
    ("lxml", "etree"),
    ("xml.dom", "minidom"),
    ("defusedxml", "minidom"),
    ("jinja2", "Template"),
    ("jinja2", "Environment"),
    ("markupsafe", "escape"),
    ("urllib.parse", "urlparse"),
    ("urllib.parse", "urlsplit"),
    ("pathlib", "Path"),
    ("io", "BytesIO"),
    ("datetime", "datetime"),
)


def _move_import(p) -> None:
    """Now and then a module is imported where it is used, as real code does."""
    rng = p.rng
    if not chance(rng, 0.17):
        return
    found = [(f"import {m}", m.split(" as ")[-1].split(".")[0], ("plain", m)) for m in MOVABLE if m in p.plain]
    found += [(f"from {m} import {n}", n, (m, n)) for m, n in MOVABLE_NAMES if n in p.froms.get(m, ())]
    if not found:
        return
    line, name, key = rng.choice(found)
    use = re.compile(rf"\b{name}\b")
    fixed = [*p.consts, *p.app, *(text for block in p.helpers for text in block)]
    if any(use.search(text) for text in fixed):
        return
    places = [(block, _first_use(block, use)) for block in p.blocks]
    if any(at is False for _, at in places):
        return
    for block, at in places:
        if at is not None:
            first = block[at]
            block.insert(at, first[: len(first) - len(first.lstrip())] + line)
    if key[0] == "plain":
        p.plain.discard(key[1])
    else:
        p.froms[key[0]].discard(key[1])


def _first_use(block, use):
    """The line of a handler's body that needs the import; None without one, False where it cannot go before it."""
    for number, line in enumerate(block):
        bare = line.strip()
        if not use.search(line) or bare.startswith(("#", '"', "'")):
            continue
        if not line.startswith("    ") or bare.startswith(
            ("@", "def ", "async def", "class ", "elif", "else", "except")
        ):
            return False
        return number
    return None
