"""Strict reading of JSON into dataclasses, and their JSON Schema.

A record is a frozen dataclass with snake_case fields made by ``field``; in JSON its keys are camelCase
(or left as they are, for OpenAI's). Unknown keys, wrong types and values out of range are refused with
the place of the value. One declaration serves the check, the schema and the documentation.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from typing import Any, Literal, TypeVar, Union

T = TypeVar("T")
_KINDS: dict[type, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


class StrictError(ValueError):
    """A value that does not fit its record; the message names the place and the reason."""


def field(doc: str, *, default: Any = dataclasses.MISSING, **limits: Any) -> Any:
    """Declares one field.

    Args:
        doc: One line: meaning, unit, range.
        default: Value when the key is absent; without it the key is required.
        **limits: JSON Schema bounds: ``minimum``, ``exclusiveMinimum``, ``maximum``,
            ``exclusiveMaximum``, ``minLength``, ``minItems``, ``maxItems``.
    """
    return dataclasses.field(default=default, metadata={"doc": doc, "limits": limits})


def camel(name: str) -> str:
    """``learning_rate`` → ``learningRate``."""
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest)


def load_json(text: str) -> Any:
    """Parses JSON as the standard has it: NaN and Infinity are refused."""

    def refuse(constant: str) -> None:
        raise StrictError(f"{constant} is not JSON")

    try:
        return json.loads(text, parse_constant=refuse)
    except json.JSONDecodeError as error:
        raise StrictError(f"not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error


def parse(cls: type[T], value: Any, where: str = "", *, ignore_unknown: bool = False, camel_keys: bool = True) -> T:
    """Checks ``value`` and makes a ``cls`` of it.

    Args:
        cls: A dataclass whose fields were made with ``field``.
        value: Parsed JSON.
        where: Place of the value, for messages.
        ignore_unknown: Let keys pass that the record does not have.
        camel_keys: Whether the JSON keys are the camelCase of the field names.

    Raises:
        StrictError: When the value does not fit.
    """
    if not isinstance(value, dict):
        raise StrictError(f"{where or 'the file'} must be an object, not {_shown(value)}")
    fields = {camel(f.name) if camel_keys else f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    _refuse_unknown(value, fields, where, ignore_unknown)
    hints = typing.get_type_hints(cls)
    made: dict[str, Any] = {}
    for key, spec in fields.items():
        place = f"{where}.{key}" if where else key
        if key in value:
            made[spec.name] = _check(value[key], hints[spec.name], spec.metadata.get("limits", {}), place)
        elif spec.default is dataclasses.MISSING:
            raise StrictError(f"{place} is missing")
    return cls(**made)


def dump(record: Any) -> dict[str, Any]:
    """The JSON object of a record, keys in camelCase."""
    return {
        camel(f.name): dump(item) if dataclasses.is_dataclass(item := getattr(record, f.name)) else item
        for f in dataclasses.fields(record)
    }


def schema(cls: type) -> dict[str, Any]:
    """The JSON Schema of a record."""
    hints = typing.get_type_hints(cls)
    properties: dict[str, Any] = {}
    required: list[str] = []
    for spec in dataclasses.fields(cls):
        entry = {"description": spec.metadata["doc"], **_schema_of(hints[spec.name], spec.metadata["limits"])}
        if spec.default is dataclasses.MISSING:
            required.append(camel(spec.name))
        else:
            entry["default"] = spec.default
        properties[camel(spec.name)] = entry
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


def _refuse_unknown(value: dict[str, Any], fields: dict[str, Any], where: str, ignore: bool) -> None:
    unknown = [] if ignore else sorted(set(value) - set(fields))
    if unknown:
        place = f" in {where}" if where else ""
        raise StrictError(f"unknown key {unknown[0]!r}{place}; known keys: {', '.join(fields)}")


def _check(value: Any, hint: Any, limits: dict[str, Any], place: str) -> Any:
    if hint is Any:
        return value
    for option in _options(hint):
        if _fits(value, option):
            return _convert(value, option, limits, place)
    raise StrictError(f"{place} must be {_named(hint)}, not {_shown(value)}")


def _convert(value: Any, option: Any, limits: dict[str, Any], place: str) -> Any:
    if dataclasses.is_dataclass(option):
        return parse(typing.cast(type, option), value, place)
    origin = typing.get_origin(option)
    if origin is list:
        (item,) = typing.get_args(option)
        _check_count(value, limits, place)
        return [_check(entry, item, {}, f"{place}[{index}]") for index, entry in enumerate(value)]
    if origin is dict:
        item = typing.get_args(option)[1]
        return {key: _check(entry, item, {}, f"{place}.{key}") for key, entry in value.items()}
    if origin is not Literal and value is not None:
        _check_bounds(value, limits, place)
    return float(value) if option is float else value


def _check_count(value: list[Any], limits: dict[str, Any], place: str) -> None:
    if len(value) < limits.get("minItems", 0):
        raise StrictError(f"{place} must have at least {limits['minItems']} items")
    if len(value) > limits.get("maxItems", len(value)):
        raise StrictError(f"{place} must have at most {limits['maxItems']} items, not {len(value)}")


def _check_bounds(value: Any, limits: dict[str, Any], place: str) -> None:
    if isinstance(value, str):
        if len(value) < limits.get("minLength", 0):
            raise StrictError(f"{place} must not be empty")
        return
    for name, broken, words in (
        ("minimum", lambda bound: value < bound, "at least"),
        ("exclusiveMinimum", lambda bound: value <= bound, "above"),
        ("maximum", lambda bound: value > bound, "at most"),
        ("exclusiveMaximum", lambda bound: value >= bound, "below"),
    ):
        if name in limits and broken(limits[name]):
            raise StrictError(f"{place} must be {words} {limits[name]}, not {value}")


def _options(hint: Any) -> tuple[Any, ...]:
    if typing.get_origin(hint) in (Union, types.UnionType):
        return typing.get_args(hint)
    return (hint,)


def _fits(value: Any, option: Any) -> bool:
    origin = typing.get_origin(option)
    if origin is Literal:
        return any(value == choice and type(value) is type(choice) for choice in typing.get_args(option))
    if origin is list:
        return isinstance(value, list)
    if origin is dict or dataclasses.is_dataclass(option):
        return isinstance(value, dict)
    if option is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if option is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, option)


def _named(hint: Any) -> str:
    return " or ".join(_named_option(option) for option in _options(hint))


def _named_option(option: Any) -> str:
    origin = typing.get_origin(option)
    if origin is Literal:
        return " or ".join(json.dumps(choice) for choice in typing.get_args(option))
    if origin is list:
        return f"a list of {_named(typing.get_args(option)[0])}s"
    if origin is dict or dataclasses.is_dataclass(option):
        return "an object"
    return _KINDS.get(option, str(option))


def _schema_of(hint: Any, limits: dict[str, Any]) -> dict[str, Any]:
    options = [_schema_of_option(option, limits) for option in _options(hint)]
    return options[0] if len(options) == 1 else {"anyOf": options}


def _schema_of_option(option: Any, limits: dict[str, Any]) -> dict[str, Any]:
    origin = typing.get_origin(option)
    if option is Any:
        return {}
    if origin is Literal:
        return {"enum": list(typing.get_args(option))}
    if origin is list:
        return {"type": "array", "items": _schema_of(typing.get_args(option)[0], {}), **limits}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema_of(typing.get_args(option)[1], {})}
    if dataclasses.is_dataclass(option):
        return schema(typing.cast(type, option))
    kind = {"type": _KINDS[option]}
    return kind if option is type(None) else {**kind, **limits}


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + "..."
