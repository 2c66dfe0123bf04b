"""Makes whole programs: a framework, one to three handlers, operations drawn from the mix."""

import ast
import random

from . import ops_benign, ops_command, ops_html, ops_load, ops_path, ops_small, ops_url, ops_xml, text
from .common import close
from .frameworks import Bottle, Django, Flask
from .frameworks_async import AioHttp, FastApi, HttpServer, Plain, Starlette, Tornado
from .handler import Handler
from .program import Program
from .text import chance, weighted

FRAMEWORKS = [(29, Flask), (23, Django), (23, FastApi), (5, Bottle), (5, Tornado), (5, AioHttp), (4, HttpServer), (2.5, Starlette), (3.5, Plain)]

# Shares of the operations; everything but the last can be weak.
MIX = [
    (12, ops_url.OPS), (14, ops_path.OPS), (13, ops_command.OPS), (13, ops_html.OPS), (10, ops_small.CODE_OPS), (9, ops_small.LOG_OPS), (10, ops_load.OPS), (11, ops_xml.OPS),
    (8, ops_benign.OPS),
]

SECURE_SHARE = 0.26


def make_program(seed: int) -> str:
    """One program; the same for the same seed."""
    attempt = 0
    while True:
        rng = random.Random(seed * 1009 + attempt)
        source = _attempt(rng)
        try:
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
    if operation in (ops_url.check_url, ops_html.page, ops_command.run_tool, ops_small.evaluate, ops_small.log_line, *(o for _, o in ops_benign.OPS)):
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


def _move_import(p) -> None:
    """Now and then a module is imported where it is used, as real code does."""
    rng = p.rng
    if not chance(rng, 0.12):
        return
    movable = [m for m in ("subprocess", "pickle", "yaml", "tarfile", "zipfile", "html", "ast", "shlex", "marshal", "base64", "json", "re", "shutil") if m in p.plain]
    if not movable:
        return
    module = rng.choice(movable)
    users = [block for block in p.blocks if any(f"{module}." in line for line in block)]
    if any(f"{module}." in line for line in [*p.consts, *p.app]) or any(f"{module}." in line for lines in p.helpers for line in lines):
        return
    for block in users:
        at = next(i for i, line in enumerate(block) if f"{module}." in line and not line.lstrip().startswith(("#", '"', "'")))
        pad = _statement_pad(block, at)
        if pad is None:
            return
    for block in users:
        at = next(i for i, line in enumerate(block) if f"{module}." in line and not line.lstrip().startswith(("#", '"', "'")))
        block.insert(at, _statement_pad(block, at) + f"import {module}")
    p.plain.discard(module)


def _statement_pad(block, at) -> str | None:
    line = block[at]
    pad = line[: len(line) - len(line.lstrip())]
    return pad if pad else None
