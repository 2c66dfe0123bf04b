"""What a program takes off a part of the input before it uses it: base64, hexadecimal digits, JSON in a field.

Learnt from its asking, like the parts themselves: a decoder that is given a value of the input says whose it is, and
from then on values for that part are wrapped. Fields of JSON in a part are parts of their own, of the source
`within`.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections import Counter
from typing import Any

from hexaprobe.inputs import Key, Ready, Values
from hexaprobe.world import PROGRAM, program_line, world

# Between a part, its name and a field in it; no program looks up such a name.
_IN = "\t"
_ENCODERS = {
    "base64": base64.b64encode,
    "urlsafe-base64": base64.urlsafe_b64encode,
    "hex": binascii.hexlify,
}


def wrapped(values: Values, encodings: dict[Key, str]) -> Values:
    """The values as they are sent: fields put into the JSON of their part, and the part encoded."""
    out = {key: value for key, value in values.items() if key[0] != "within"}
    for key, fields in _fields(values).items():
        out[key] = json.dumps(fields or {"name": "hexabenign"})
    for key, name in encodings.items():
        value = out.get(key)
        if isinstance(value, str) and not isinstance(value, Ready):
            out[key] = _ENCODERS[name](value.encode("utf-8", "surrogateescape")).decode()
    return out


def _fields(values: Values) -> dict[Key, dict[str, Any]]:
    out: dict[Key, dict[str, Any]] = {}
    for (source, name), value in values.items():
        if source != "within":
            continue
        owner_source, owner, field = name.split(_IN, 2)
        fields = out.setdefault((owner_source, owner), {})
        if field:
            fields[field] = value.decode("latin-1") if isinstance(value, bytes) else value
    return out


def replaced(values: Values, key: Key, value: Any) -> Values:
    """The values with another one for a part; what was to stand in it goes."""
    inside = _IN.join((*key, ""))
    kept = {other: one for other, one in values.items() if not (other[0] == "within" and other[1].startswith(inside))}
    return {**kept, key: value}


def texts_of(values: Values) -> dict[str, Key]:
    """Whose a text is that a decoder is given; one that two parts have is nobody's."""
    sent = {key: value for key, value in values.items() if key[0] not in ("uses", "body", "files")}
    bare = {key: _bare(value) for key, value in sent.items() if isinstance(value, (str, bytes)) and len(value) > 1}
    count = Counter(bare.values())
    return {text: key for key, text in bare.items() if count[text] == 1}


def _bare(given: Any) -> str:
    """A text without what programs add to make it decodable."""
    text = bytes(given).decode("latin-1") if isinstance(given, (bytes, bytearray)) else str(given)
    return text.strip().rstrip("=")


def owner(given: Any) -> Key | None:
    """The part of the input that a text is; none where the program did not get it from there."""
    if not world.watching or not isinstance(given, (str, bytes, bytearray)):
        return None
    return world.texts.get(_bare(given))


def field_looked_up(part: Key, field: str) -> None:
    """Notes which field of the JSON in a part is asked for; the empty name says that there is JSON."""
    if program_line() is not None:
        world.looked_up("within", _IN.join((*part, field)))


def _decoding(real: Any, name: str) -> Any:
    def decode(given: Any, *args: Any, **named: Any) -> Any:
        part = owner(given) if _called_by_program() else None
        if part is not None:
            # Before it decodes: a value that is not yet encoded shows that it should be.
            world.decoded[part] = name
        result = real(given, *args, **named)
        if part is not None:
            world.texts[_bare(result)] = part
        return result

    return decode


def _called_by_program() -> bool:
    import sys

    return sys._getframe(2).f_code.co_filename == PROGRAM


def install() -> None:
    """Makes the decoders say what they are given."""
    for module, call, name in (
        (base64, "b64decode", "base64"),
        (base64, "standard_b64decode", "base64"),
        (base64, "urlsafe_b64decode", "urlsafe-base64"),
        (binascii, "a2b_base64", "base64"),
        (binascii, "unhexlify", "hex"),
        (binascii, "a2b_hex", "hex"),
    ):
        setattr(module, call, _decoding(getattr(module, call), name))
