"""One program under construction: style, imports, constants, names; and how it is laid out."""

import random
import re
import sys

from . import text, words
from .idle import idle_imports

STANDARD = sys.stdlib_module_names
# Programs with imports that they do not use.
IDLE_SHARE = 0.35


class Program:
    """Collects what the handlers need; `render` lays the file out."""

    def __init__(self, rng: random.Random):
        self.rng = rng
        self.quote = "'" if text.chance(rng, 0.38) else '"'
        self.typed = text.chance(rng, 0.4)
        self.two_blanks = text.chance(rng, 0.75)
        self.width = rng.choice([66, 76, 84, 96, 110, 130])
        self.capital_comments = text.chance(rng, 0.4)
        self.format_style = text.weighted(rng, [(6, "f"), (3, "+"), (1.4, "%"), (1.6, "format")])
        self.plain: set[str] = set()
        self.froms: dict[str, set[str]] = {}
        self.consts: list[str] = []
        self.app: list[str] = []
        self.helpers: list[list[str]] = []
        self.blocks: list[list[str]] = []
        self.tail: list[str] = []
        self.taken: set[str] = set()
        self.late: set[str] = set()
        self.noun = text.noun(rng)
        self.secure_share = 0.28

    # imports -----------------------------------------------------------
    def use(self, module: str, *names: str) -> None:
        """Import a module, or names of it."""
        if names:
            self.froms.setdefault(module, set()).update(names)
        else:
            self.plain.add(module)

    def has(self, module: str) -> bool:
        return module in self.plain

    # text --------------------------------------------------------------
    def q(self, value: str) -> str:
        return text.literal(value, self.quote)

    def join(self, *parts: str, style: str | None = None) -> str:
        """A string expression of literal parts and `{expr}` parts, in one of four ways to build it.

        A part is an expression when it starts with a NUL character.
        """
        style = style or self.format_style
        exprs = [p[1:] for p in parts if p.startswith("\0")]
        whole = "".join(p for p in parts if not p.startswith("\0"))
        if not exprs:
            return self.q(whole)
        if style == "f" and ("{" in whole or "}" in whole or any(self.quote in e for e in exprs)):
            style = "+"
        if style == "f":
            body = "".join("{" + p[1:] + "}" if p.startswith("\0") else p for p in parts)
            return "f" + text.literal(body, self.quote) if "\\" not in body else self.join(*parts, style="+")
        if style == "%" and "%" not in whole:
            body = "".join("%s" if p.startswith("\0") else p for p in parts)
            args = (
                exprs[0]
                if len(exprs) == 1 and text.chance(self.rng, 0.6)
                else "(" + ", ".join(exprs) + ("," if len(exprs) == 1 else "") + ")"
            )
            return f"{self.q(body)} % {args}"
        if style == "format" and "{" not in whole:
            body = "".join("{}" if p.startswith("\0") else p for p in parts)
            return f"{self.q(body)}.format({', '.join(exprs)})"
        return " + ".join(p[1:] if p.startswith("\0") else self.q(p) for p in parts if p)

    def fresh(self, *options: str) -> str:
        """The first option that the program has not used, else one with a noun appended."""
        for option in options:
            if option not in self.taken:
                self.taken.add(option)
                return option
        while True:
            option = f"{options[0]}_{text.noun(self.rng)}"
            if option not in self.taken:
                self.taken.add(option)
                return option

    def constant(self, value: str, *names: str) -> str:
        """Put a value (an expression) into a module constant and return its name."""
        name = self.fresh(*names)
        hint = ": str" if self.typed and value[0] in "'\"" and text.chance(self.rng, 0.2) else ""
        self.consts.append(f"{name}{hint} = {value}")
        return name

    # layout ------------------------------------------------------------
    def import_lines(self) -> list[str]:
        rng = self.rng
        # A fix puts the import that it needs after those of the file.
        last = sorted(self.late & (self.plain | self.froms.keys())) if text.chance(rng, 0.35) else []
        plain = [f"import {m}" for m in sorted(self.plain) if m not in last]
        froms = [self._from(m, names) for m, names in sorted(self.froms.items()) if m not in last]
        tail = [self._from(m, self.froms[m]) if m in self.froms else f"import {m}" for m in last]
        return [*self._ordered(plain, froms), *tail]

    def _ordered(self, plain, froms) -> list[str]:
        rng = self.rng
        mode = rng.random()
        if mode < 0.4:
            return self._grouped(plain, froms)
        if mode < 0.6:
            lines = plain + froms
            rng.shuffle(lines)
            return lines
        if mode < 0.8:
            return froms + plain
        return plain + froms

    def _drop_unused(self) -> None:
        """Imports that nothing uses go, but for a few, as in real files."""
        lines = [
            *self.app,
            *self.consts,
            *self.tail,
            *(line for block in [*self.helpers, *self.blocks] for line in block),
        ]
        code = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
        words_in = set(re.findall(r"[A-Za-z_]\w*", code))
        keep = text.chance(self.rng, 0.04)
        for module in list(self.plain):
            name = module.split(" as ")[-1] if " as " in module else module
            used = name.split(".")[0] in words_in if "." not in name else name in code
            if not used and not keep:
                self.plain.discard(module)
        for module in list(self.froms):
            # What a handler imports itself is gone from here already.
            self.froms[module] = {n for n in self.froms[module] if n in words_in}
            if not self.froms[module]:
                del self.froms[module]

    def _with_idle(self, head: list[str]) -> list[str]:
        idle = idle_imports(
            self.rng, head, "\n".join(line for block in [*self.helpers, *self.blocks] for line in block)
        )
        for line in idle:
            # A repair's import stands last, so most of them do.
            head = [*head, line] if text.chance(self.rng, 0.7) else [line, *head]
        return head

    def _from(self, module: str, names: set[str]) -> str:
        ordered = sorted(names, key=lambda n: (not n.isupper(), n))
        if text.chance(self.rng, 0.3):
            self.rng.shuffle(ordered)
        line = f"from {module} import {', '.join(ordered)}"
        if len(line) <= 88:
            return line
        return f"from {module} import (\n" + "".join(f"    {n},\n" for n in ordered) + ")"

    def _grouped(self, plain, froms) -> list[str]:
        groups: dict[int, list[str]] = {0: [], 1: [], 2: []}
        for line in plain + froms:
            module = line.split()[1]
            root = module.split(".")[0]
            local = module.startswith(".") or root in LOCAL_ROOTS or (root not in STANDARD and root not in THIRD)
            groups[2 if local else 0 if root in STANDARD else 1].append(line)
        lines: list[str] = []
        for group in groups.values():
            if group:
                lines += ([""] if lines else []) + group
        return lines

    def render(self) -> str:
        rng = self.rng
        gap = ["", ""] if self.two_blanks else [""]
        self._drop_unused()
        head = self.import_lines()
        if head and text.chance(rng, IDLE_SHARE):
            head = self._with_idle(head)
        top = [*self.app, *self.consts] if text.chance(rng, 0.7) else [*self.consts, *self.app]
        lines = []
        if text.chance(rng, 0.07):
            lines += [f'"""{text.sentence(rng).capitalize()}."""', ""]
        lines += head
        if top:
            lines += ["", *top]
        for block in [*self.helpers, *self.blocks]:
            lines += gap + block if lines else block
        if self.tail:
            lines += gap + self.tail
        return "\n".join(lines) + "\n"


LOCAL_ROOTS = frozenset(words.COMPANIES) | frozenset(words.NOUNS)
THIRD = frozenset(
    "flask django fastapi starlette bottle tornado aiohttp pydantic jinja2 markupsafe lxml defusedxml yaml dill "
    "jsonpickle requests httpx numpy pandas joblib cloudpickle toml ruamel sqlalchemy bleach celery redis".split()
)
