"""Builds the training text: generated programs and snippets of permissively licensed Python code.

Writes JSON lines `{"text": …, "kind": "generated" | "natural"}`; those of C programs say besides for which weakness
they were made (`cwe`, `source`, `sink`) and whether they have it (`weak`). Natural code is cut into small
programs: the imports that a piece uses, then one or two of the file's functions or classes. That is
what a model of this size can hold, and it keeps imports tied to what uses them.
"""

import argparse
import ast
import dataclasses
import hashlib
import importlib.metadata
import json
import multiprocessing
import random
import re
import sys
import sysconfig
from pathlib import Path

from generator import make_c, make_program

PERMISSIVE = re.compile(r"\b(MIT|BSD|Apache|PSF|Python Software Foundation|ISC|Unlicense|Zope|ZPL|0BSD)\b", re.I)
REFUSED = re.compile(r"\b(GPL|LGPL|AGPL|MPL|Mozilla|EUPL|CDDL|commercial|proprietary)\b", re.I)
SKIP_PARTS = {
    "test",
    "tests",
    "testing",
    "idlelib",
    "lib2to3",
    "turtledemo",
    "locale",
    "migrations",
    "_vendor",
    "vendor",
    "ensurepip",
    "site-packages",
    "__pycache__",
    "encodings",
    "pydoc_data",
}


def main() -> None:
    options = _options()
    options.out.mkdir(parents=True, exist_ok=True)
    if options.packages:
        _write_natural(options)
    if options.programs:
        _write_generated(options)


def _options():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder for the JSON-lines files")
    parser.add_argument("--programs", type=int, default=0, help="how many programs to generate")
    parser.add_argument(
        "--c-share", type=float, default=0.0, help="share of the programs that are C; the bundled weights have none"
    )
    parser.add_argument("--seed", type=int, default=1, help="first seed; program i has seed + i")
    parser.add_argument("--packages", type=Path, help="folder of installed packages (pip install --target)")
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


def _write_generated(options) -> None:
    in_c = round(options.programs * options.c_share)
    seeds = range(options.seed, options.seed + options.programs - in_c)
    with multiprocessing.Pool(options.workers) as pool:
        if seeds:
            _write(options.out / f"generated-{options.seed}.jsonl", pool.imap(_python_row, seeds, chunksize=200))
        if in_c:
            seeds = range(options.seed, options.seed + in_c)
            _write(options.out / f"generated-c-{options.seed}.jsonl", pool.imap(_c_row, seeds, chunksize=200))


def _write(path: Path, rows) -> None:
    count = 0
    with path.open("w") as out:
        for row in rows:
            out.write(json.dumps(row) + "\n")
            count += 1
    print(f"{count} programs in {path}")


def _python_row(seed: int) -> dict:
    return {"text": make_program(seed), "kind": "generated"}


def _c_row(seed: int) -> dict:
    one = make_c(seed)
    return {"kind": "generated", "language": "c", **dataclasses.asdict(one)}


def _write_natural(options) -> None:
    seen: set[str] = set()
    licences: list[tuple[str, str, str]] = [("CPython standard library", sys.version.split()[0], "PSF-2.0")]
    files = sorted(Path(sysconfig.get_paths()["stdlib"]).rglob("*.py"))
    for distribution in sorted(
        importlib.metadata.distributions(path=[str(options.packages)]), key=lambda d: d.name.lower()
    ):
        licence = licence_of(distribution)
        if licence is None:
            continue
        licences.append((distribution.name, distribution.version, licence))
        files += [
            Path(distribution.locate_file(f))
            for f in sorted(distribution.files or [], key=str)
            if str(f).endswith(".py")
        ]
    count = 0
    with (options.out / "natural.jsonl").open("w") as out:
        for path in files:
            if SKIP_PARTS & set(path.parts[-6:]) or path.name.startswith("test_"):
                continue
            for snippet in snippets(path):
                key = hashlib.sha1(re.sub(r"\s+", " ", snippet).encode()).hexdigest()
                if key not in seen:
                    seen.add(key)
                    count += 1
                    out.write(json.dumps({"text": snippet, "kind": "natural"}) + "\n")
    table = "".join(f"| {name} | {version} | {licence} |\n" for name, version, licence in licences)
    (options.out / "sources.md").write_text("| Package | Version | Licence |\n|---|---|---|\n" + table)
    print(f"{count} snippets of {len(licences)} packages")


def licence_of(distribution) -> str | None:
    """The licence that a package's metadata states, when it is a permissive one."""
    meta = distribution.metadata
    stated = [
        meta.get("License-Expression") or "",
        *(c for c in meta.get_all("Classifier") or [] if c.startswith("License")),
    ]
    if not any(stated):
        stated = [(meta.get("License") or "").splitlines()[0] if meta.get("License") else ""]
    text = "; ".join(s.split("::")[-1].strip() for s in stated if s)
    return text if PERMISSIVE.search(text) and not REFUSED.search(text) else None


def snippets(path: Path):
    """Small programs out of one file: used imports, then one definition of 4 to 60 lines."""
    try:
        source = path.read_text(encoding="utf-8")
        tree = ast.parse(source)
    except (UnicodeDecodeError, SyntaxError, ValueError, OSError):
        return
    if len(source) > 300_000:
        return
    lines = source.splitlines()
    imports = [node for node in tree.body if isinstance(node, (ast.Import, ast.ImportFrom)) and not _future(node)]
    rng = random.Random(path.name)
    pending: list[str] = []
    for node in tree.body:
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            continue
        for piece in _pieces(node, lines):
            if not 4 <= len(piece) <= 60 or any(len(line) > 120 for line in piece) or not "".join(piece).isascii():
                continue
            text = "\n".join(piece)
            if "License" in text or "Copyright" in text:
                continue
            pending.append(text)
            if rng.random() < 0.65:
                yield _program(imports, pending, lines)
                pending = []


def _future(node) -> bool:
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _pieces(node, lines):
    start = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
    whole = lines[start : node.end_lineno]
    if len(whole) <= 60 or not isinstance(node, ast.ClassDef):
        yield whole
        return
    head = lines[start : node.body[0].lineno - 1] or lines[start : node.lineno]
    for part in node.body:
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([part.lineno, *(d.lineno for d in part.decorator_list)]) - 1
            yield [*lines[start : node.lineno], *lines[first : part.end_lineno]]
    del head


def _program(imports, pieces, lines) -> str:
    body = "\n\n\n".join(pieces)
    names = set(re.findall(r"[A-Za-z_]\w*", body))
    used = []
    for node in imports:
        bound = {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        if bound & names and node.end_lineno - node.lineno < 6:
            used.append("\n".join(lines[node.lineno - 1 : node.end_lineno]))
    head = "\n".join(used)
    return (head + "\n\n\n" if head else "") + body + "\n"


if __name__ == "__main__":
    main()
