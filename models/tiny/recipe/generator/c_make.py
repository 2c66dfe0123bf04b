"""Makes whole C programs: one function with one operation, and what stands around it."""

import random
from dataclasses import dataclass

from . import c_arithmetic, c_null, c_path, c_write, text
from .c_made import Made
from .c_program import CProgram
from .text import chance, weighted

# Shares of the weaknesses.
C_MIX = [(28, c_path.OPS), (22, c_arithmetic.OPS), (25, c_null.OPS), (25, c_write.OPS)]

# The share of careful programs; all others have the weakness, and nothing in them holds it.
C_SECURE_SHARE = 0.26


@dataclass
class CMade:
    """A program, and what it was made for."""

    text: str
    cwe: str
    source: str
    sink: str
    weak: bool


def make_c(seed: int) -> CMade:
    """One program with its label; the same for the same seed."""
    rng = random.Random(seed * 1013 + 7)
    p = CProgram(rng)
    p.careful = chance(rng, C_SECURE_SHARE)
    operation = weighted(rng, weighted(rng, C_MIX))
    own: Made = operation(p)
    functions = [*_around(p), *p.helpers, *own.helpers, p.function(own.head, own.body)]
    return CMade(p.render(functions), own.cwe, own.source, own.sink, not p.careful)


def _around(p: CProgram) -> list[str]:
    """Functions and data of the program that have nothing to do with the task."""
    rng = p.rng
    found = []
    for _ in range(weighted(rng, [(5, 0), (3, 1), (1.2, 2)])):
        found.append(rng.choice([_say, _classify, _larger, _print_number, _swap, _count])(p))
    if chance(rng, 0.25):
        p.top.append(f"static int {p.name('verbose', 'debug', 'quiet', 'failures')};")
    return found


def _say(p: CProgram) -> str:
    word, name = text.noun(p.rng), p.name("[say|report|warn|tell]", f"[say|report|warn]_{text.noun(p.rng)}")
    given = p.name("text", "words", "what")
    return p.function(f"static void {name}(const char *{given})", [f'fprintf(stderr, "{word}: %s\\n", {given});'])


def _classify(p: CProgram) -> str:
    a, b = p.rng.sample("#;:,.-+=/ ", 2)
    given = p.rng.choice("cxk")
    return p.function(
        f"static int {p.name('is_[mark|sign|separator]', f'is_{text.noun(p.rng)}')}(int {given})",
        [f"return {given} == '{a}' || {given} == '{b}';"],
    )


def _larger(p: CProgram) -> str:
    name = p.name("[larger|smaller|higher|lower]", "[least|most]_of")
    return p.function(f"static int {name}(int a, int b)", [f"return a {p.rng.choice('<>')} b ? a : b;"])


def _print_number(p: CProgram) -> str:
    word = text.noun(p.rng)
    return p.function(
        f"static void {p.name(f'print_{word}')}(int {word[0]})", [f'printf("{word} %d\\n", {word[0]});']
    )


def _swap(p: CProgram) -> str:
    kind, kept = p.rng.choice(["int", "double", "long"]), p.rng.choice(["kept", "old", "first"])
    body = [f"{kind} {kept} = *a;", "", "*a = *b;", f"*b = {kept};"]
    return p.function(
        f"static void {p.name('swap', f'swap_{text.plural(text.noun(p.rng))}')}({kind} *a, {kind} *b)", body
    )


def _count(p: CProgram) -> str:
    n, given, mark = p.rng.choice(["n", "count", "found"]), p.rng.choice(["text", "line"]), p.rng.choice(" ,;:.")
    loop = (f"for (; *{given} != '\\0'; {given}++)", [(f"if (*{given} == '{mark}')", [f"{n}++;"])])
    body = [f"int {n} = 0;", "", loop, f"return {n};"]
    return p.function(f"static int {p.name(f'count_{text.plural(text.noun(p.rng))}')}(const char *{given})", body)
