"""XPath expressions: every way in which lxml and the standard library's trees take one says what it was given, and
the expression's shape shows whether the input stayed a value."""

from __future__ import annotations

import ctypes
import gc
import re
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from typing import Any

from hexaprobe.world import BENIGN, world

_TOKEN = re.compile(r"""\s+|'[^']*'|"[^"]*"|\d+(?:\.\d+)?|[A-Za-z_][\w.-]*|.""", re.S)
_OURS = re.compile(r"hexabenign|hexaxpath")
# How a text with both kinds of quotes is written: one value in several pieces.
_CONCAT = re.compile(r"concat \( value (?:, value )*\)")
_FINDS = ("find", "findall", "findtext", "iterfind")


def shape(expression: str) -> str:
    """An expression without its values; a name that the input gives is one, too."""
    out = []
    for token in _TOKEN.findall(expression):
        if token.isspace():
            continue
        is_value = token[0] in "'\"" or token[0].isdigit() or _OURS.search(token) is not None
        out.append("value" if is_value else token)
    return _CONCAT.sub("value", " ".join(out))


def _note(expression: Any) -> str:
    text = expression.decode("utf-8", "replace") if isinstance(expression, bytes) else str(expression)
    world.note("xpath", text=text[:600])
    return text


def _replace_method(kind: type, name: str, made: Callable[[Any], Any]) -> None:
    """Puts a method in place of a type's own that is written in C and lets itself be changed in no other way."""
    names = gc.get_referents(kind.__dict__)[0]
    names[name] = made(names[name])
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(kind))


def _is_made_up(text: str, variables: dict[str, Any]) -> bool:
    """Whether a search is for a benign value: in a document that is made up, what is asked for is there."""
    return world.vivify_on_stat and (BENIGN in text or any(BENIGN in str(value) for value in variables.values()))


def _found(result: Any, text: str, variables: dict[str, Any], element: Callable[[], Any]) -> Any:
    if result != [] or not _is_made_up(text, variables):
        return result
    return [BENIGN] if re.search(r"(text\(\)|@[\w:-]+)\s*$", text) else [element()]


def _searching(element: Callable[[], Any]) -> Callable[[Any], Any]:
    """Makes a method say which expression it is given."""

    def made(real: Any) -> Any:
        def search(self: Any, expression: Any, *args: Any, **named: Any) -> Any:
            if not world.watching:
                return real(self, expression, *args, **named)
            text = _note(expression)
            return _found(real(self, expression, *args, **named), text, named, element)

        return search

    return made


def _finding(name: str, element: Callable[[], Any]) -> Callable[[Any], Any]:
    """The same for the four that both libraries have, each of which has its own way of finding nothing."""

    def made(real: Any) -> Any:
        def find(self: Any, path: Any, *args: Any, **named: Any) -> Any:
            if not world.watching:
                return real(self, path, *args, **named)
            text = _note(path)
            found = real(self, path, *args, **named)
            if not _is_made_up(text, {}):
                return found
            if name == "findtext":
                return BENIGN if found is None else found
            if name == "find":
                return element() if found is None else found
            many = list(found) or [element()]
            return iter(many) if name == "iterfind" else many

        return find

    return made


def _install_lxml(lxml: Any) -> None:
    def element() -> Any:
        made = lxml.Element(BENIGN)
        made.text = BENIGN
        return made

    for kind in (lxml._Element, lxml._ElementTree):
        _replace_method(kind, "xpath", _searching(element))
        for name in _FINDS:
            _replace_method(kind, name, _finding(name, element))
    for name in ("XPath", "ETXPath"):
        setattr(lxml, name, _compiling(getattr(lxml, name), element))
    lxml.XPathEvaluator = _evaluating(lxml.XPathEvaluator, element)


def _compiling(real: Any, element: Callable[[], Any]) -> Any:
    class Compiled(real):
        """An expression that says what it is made of."""

        def __init__(self, path: Any, **named: Any) -> None:
            self.hexatext = _note(path)
            super().__init__(path, **named)

        def __call__(self, tree: Any, /, **variables: Any) -> Any:
            return _found(super().__call__(tree, **variables), self.hexatext, variables, element)

    Compiled.__name__ = real.__name__
    return Compiled


def _evaluating(real: Any, element: Callable[[], Any]) -> Any:
    class Evaluator:
        """Evaluates expressions on one tree."""

        def __init__(self, *args: Any, **named: Any) -> None:
            self.real = real(*args, **named)

        def __call__(self, path: Any, /, **variables: Any) -> Any:
            text = _note(path)
            return _found(self.real(path, **variables), text, variables, element)

        def __getattr__(self, name: str) -> Any:
            return getattr(self.real, name)

    return Evaluator


def install() -> None:
    """Puts them in place; a tree's own methods lead to its root element's."""

    def element() -> Any:
        made = ET.Element(BENIGN)
        made.text = BENIGN
        return made

    for name in _FINDS:
        _replace_method(ET.Element, name, _finding(name, element))
    lxml = sys.modules.get("lxml.etree")
    if lxml is not None:
        _install_lxml(lxml)
