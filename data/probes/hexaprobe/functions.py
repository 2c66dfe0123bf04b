"""Functions of the program, called with values for their parameters, and the program run as a script."""

from __future__ import annotations

import asyncio
import inspect
import io
import sys
import types
from typing import Any

from hexaprobe.entries import MOST_BODY, Entry, Outcome, failed, line_of
from hexaprobe.world import PROGRAM


def entries(names: dict[str, Any]) -> list[Entry]:
    """Top-level functions, and methods of classes that can be made without arguments."""
    out = []
    for name, value in list(names.items()):
        if (
            isinstance(value, types.FunctionType)
            and value.__code__.co_filename == PROGRAM
            and value.__name__ != "main"
        ):
            out.append(_entry(name, value, value))
        elif isinstance(value, type) and value.__module__ == "__main__" and "__init__" in dir(value):
            out.extend(_methods(name, value))
    return out[:12]


def _methods(name: str, kind: type) -> list[Entry]:
    try:
        inspect.signature(kind).bind()
        one = kind()
    except Exception:
        # Needs arguments that we cannot know.
        return []
    out = []
    for method_name, value in vars(kind).items():
        if isinstance(value, types.FunctionType) and not method_name.startswith("_"):
            out.append(_entry(f"{name}.{method_name}", getattr(one, method_name), value))
    return out


def _entry(name: str, call: Any, function: Any) -> Entry:
    try:
        parameters = list(inspect.signature(call).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    needed = [
        one for one in parameters if one.kind in (one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
    ]
    inputs = [("parameter", one.name) for one in needed]
    optional = {one.name for one in needed if one.default is not one.empty}

    def drive(values: dict[tuple[str, str], Any]) -> Outcome:
        named = {
            key: value
            for (source, key), value in values.items()
            if source == "parameter" and not (key in optional and value is None)
        }
        return _call(lambda: call(**named))

    defaults = {
        ("parameter", one.name): one.default
        for one in needed
        if one.default is not one.empty and one.default not in (None, "")
    }
    return Entry(f"function {name}", "function", line_of(function), inputs, drive, defaults)


def _call(call: Any) -> Outcome:
    try:
        result = call()
        if inspect.iscoroutine(result):
            result = asyncio.run(result)
        elif inspect.isgenerator(result):
            result = [item for item, _ in zip(result, range(100), strict=False)]
    except SystemExit as leaving:
        return Outcome("refused" if leaving.code else "ok", error_type="SystemExit", error=str(leaving.code))
    return _outcome_of(result)


def _outcome_of(result: Any) -> Outcome:
    headers = getattr(result, "headers", None)
    status = getattr(result, "status_code", None)
    if isinstance(status, int) and headers is not None:
        body = getattr(result, "content", None) or getattr(result, "data", b"")
        text = body.decode("utf-8", "replace") if isinstance(body, bytes) else str(body)
        state = "ok" if status < 400 else "refused" if status < 500 else "failed"
        kind = str(headers.get("Content-Type", "")).split(";")[0]
        return Outcome(state, status=status, mimetype=kind, body=text[:MOST_BODY], location=headers.get("Location"))
    text = result if isinstance(result, str) else repr(result)
    kind = "text/html" if isinstance(result, str) and _looks_like_page(text) else "text/plain"
    return Outcome("ok", mimetype=kind, body=text[:MOST_BODY])


def _looks_like_page(text: str) -> bool:
    import re

    return (
        re.search(r"<(html|body|div|p|h[1-6]|span|a|ul|li|td|input|title|b|strong|script)\b", text, re.I) is not None
    )


def script(code: types.CodeType, program: str) -> Entry:
    """The program run from its first line as `__main__`, with arguments and standard input."""
    inputs = []
    if "argv" in program or "argparse" in program or "click" in program:
        inputs.append(("argv", "1"))
    if "input(" in program or "stdin" in program:
        inputs.append(("stdin", ""))

    def drive(values: dict[tuple[str, str], Any]) -> Outcome:
        main = types.ModuleType("__main__")
        main.__file__ = PROGRAM
        argument = values.get(("argv", "1"))
        words = [str(_text(argument))] * 3 if argument is not None else []
        text = str(_text(values.get(("stdin", ""), "hexabenign")))
        kept = (sys.argv, sys.stdin, sys.stdout)
        sys.argv = [PROGRAM, *words]
        sys.stdin = io.StringIO("\n".join([text] * 5) + "\n")
        sys.stdout = io.StringIO()
        try:
            exec(code, main.__dict__)
            return Outcome("ok", body=sys.stdout.getvalue()[:MOST_BODY])
        except SystemExit as leaving:
            return Outcome("refused" if leaving.code else "ok", error_type="SystemExit", error=str(leaving.code))
        finally:
            sys.argv, sys.stdin, sys.stdout = kept

    return Entry("script", "script", 1, inputs, drive)


def guarded(entry: Entry, values: dict[tuple[str, str], Any]) -> Outcome:
    """Drives an entry; whatever it raises is an outcome."""
    try:
        return entry.drive(values)
    except BaseException as error:
        return failed(error, PROGRAM)


def _text(value: Any) -> Any:
    return value.decode("latin-1") if isinstance(value, bytes) else value
