"""Queries that a program gives to a client library of which only a stand-in is here: searches of directories (LDAP)
and of document stores (MongoDB). What stands in has no data; the query itself shows whether the input changed it."""

from __future__ import annotations

import json
import re
from typing import Any

from hexaprobe.world import world

_LDAP = re.compile(r"^ldap3?\b.*\.(search|search_s|search_st|search_ext|search_ext_s|paged_search)$")
_PATHS = re.compile(
    r"^(libxml2|elementpath|parsel|scrapy|xpath)\b.*\.(xpathEval|xpathEvalExpr|xpath|select|find|findnode|findvalues)$"
)
_STORE = re.compile(r"^(pymongo|flask_pymongo|mongoengine|motor|bson)\b")
_FINDS = (
    "find",
    "find_one",
    "count_documents",
    "aggregate",
    "delete_one",
    "delete_many",
    "update_one",
    "update_many",
    "find_one_and_update",
    "find_one_and_delete",
    "distinct",
    "objects",
)


def note(name: str, args: tuple[Any, ...], named: dict[str, Any]) -> None:
    """Notes a call that is a query."""
    if not world.watching:
        return
    given = [*args, *named.values()]
    if _LDAP.search(name):
        for text in given:
            if isinstance(text, (str, bytes)) and _text(text).lstrip().startswith("("):
                world.note("ldap", text=_text(text)[:600])
    elif _PATHS.search(name):
        for text in given:
            if isinstance(text, (str, bytes)) and "/" in _text(text):
                world.note("xpath", text=_text(text)[:600])
    elif _STORE.search(name) and name.rsplit(".", 1)[-1] in _FINDS:
        found = next((one for one in given if isinstance(one, (dict, list))), named)
        world.note("document", text=json.dumps(found, default=str)[:600])


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def escape_filter(text: str, *_rest: Any, **_named: Any) -> str:
    """What both libraries call so: RFC 4515, section 3."""
    return "".join(f"\\{ord(letter):02x}" if letter in "\\*()\0" else letter for letter in _text(text))


def filter_shape(text: str) -> str:
    """A filter without its values: parentheses, operators, names of attributes, stars."""
    return re.sub(r"(?<=[=~<>])([^()*]*)", "v", text)


def operators(text: str) -> set[str]:
    """Operators of a query, and whether code in it was written by the input."""
    return set(re.findall(r'"(\$\w+)":', text))
