"""Builds what cannot be written down as text: archives with members that climb, objects that call on loading."""

from __future__ import annotations

import base64
import io
import json
import pickle
import tarfile
import types
import zipfile
from typing import Any

from hexaprobe.world import fire


class _Calls:
    def __reduce__(self) -> Any:
        return fire, ("object",)


def make(name: str, variant: str, folder: str, program: str) -> dict[str, Any]:
    """A value: `text` for fields, `content` for bodies, uploads and files, `ending` of a file that holds it."""
    kinds = {
        "archive": _archive,
        "object": _object,
        "yaml": _yaml,
        "json": _json,
        "base64": _base64,
        "pickled": _pickled,
        "namespace": _namespace,
        "operator": _operator,
    }
    return kinds[name](variant, folder, program)


_MEMBERS = {
    "plain": "hexabenign.txt",
    "parent": "../hexasecret/hexasecret.txt",
    "absolute": "/srv/hexasecret/hexasecret.txt",
    "sibling": "../{folder}-hexasecret/hexasecret.txt",
}


def _archive(variant: str, folder: str, program: str) -> dict[str, Any]:
    zips = "zipfile" in program and "tarfile" not in program
    variant, _, member_ending = variant.partition(".")
    if variant == "link":
        members = [("hexalink", "../hexasecret-linked"), ("hexalink/hexasecret.txt", None)]
    else:
        members = [("hexabenign.txt", None), (_MEMBERS[variant].format(folder=folder or "out"), None)]
    members = list(
        dict.fromkeys(
            (name.replace(".txt", "." + member_ending) if member_ending else name, target) for name, target in members
        )
    )
    content = _zip(members) if zips else _tar(members)
    ending = ".zip" if zips else ".tar.gz"
    return {"text": f"hexabenign{ending}", "content": content, "ending": ending, "file": True}


def _tar(members: list[tuple[str, str | None]]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name, target in members:
            info = tarfile.TarInfo(name)
            if target is not None:
                info.type, info.linkname = tarfile.SYMTYPE, target
                tar.addfile(info)
            else:
                info.size = 8
                tar.addfile(info, io.BytesIO(b"hexaitem"))
    return buffer.getvalue()


def _zip(members: list[tuple[str, str | None]]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, target in members:
            archive.writestr(name, target if target is not None else "hexaitem")
    return buffer.getvalue()


def _object(variant: str, _folder: str, program: str) -> dict[str, Any]:
    plain = variant.startswith("plain")
    if "marshal" in program and "pickle" not in program:
        import marshal

        raw = marshal.dumps({"name": "hexabenign"})
    else:
        raw = pickle.dumps({"name": "hexabenign"} if plain else _Calls(), protocol=0 if variant == "ascii" else 2)
    text: Any = {
        "hex": raw.hex(),
        "plain-hex": raw.hex(),
        "base64": base64.b64encode(raw).decode(),
        "plain-base64": base64.b64encode(raw).decode(),
        "urlsafe-base64": base64.urlsafe_b64encode(raw).decode(),
    }.get(variant)
    if text is not None:
        return {"text": text, "content": text.encode(), "ending": ".pkl"}
    # Protocol 0 is text, so that it survives a form field.
    ascii_raw = raw if variant in ("raw", "plain") else pickle.dumps(_Calls(), protocol=0)
    return {
        "text": raw if variant in ("raw", "plain") else ascii_raw.decode("latin-1"),
        "content": raw,
        "ending": ".pkl",
    }


def _operator(text: str, _folder: str, _program: str) -> dict[str, Any]:
    """An object of JSON where a text is expected."""
    return {"text": text, "value": json.loads(text), "content": text.encode(), "ending": ".json"}


def _pickled(text: str, _folder: str, _program: str) -> dict[str, Any]:
    """What JSON says, pickled."""
    raw = pickle.dumps(json.loads(text))
    return {"text": raw.decode("latin-1"), "content": raw, "ending": ".pkl"}


def _namespace(text: str, _folder: str, _program: str) -> dict[str, Any]:
    """An object with the attributes that JSON says, pickled."""
    raw = pickle.dumps(types.SimpleNamespace(**json.loads(text)))
    return {"text": raw.decode("latin-1"), "content": raw, "ending": ".pkl"}


def _base64(text: str, _folder: str, _program: str) -> dict[str, Any]:
    encoded = base64.b64encode(text.encode())
    return {"text": encoded.decode(), "content": encoded, "ending": ".txt"}


def _yaml(variant: str, _folder: str, _program: str) -> dict[str, Any]:
    text = {
        "plain": "name: hexabenign\n",
        "apply": "!!python/object/apply:hexaeffect.fire []\n",
        "new": "!!python/object/new:hexaeffect.HexaEffect []\n",
    }[variant]
    return {"text": text, "content": text.encode(), "ending": ".yaml"}


def _json(variant: str, _folder: str, _program: str) -> dict[str, Any]:
    value: Any = {"name": "hexabenign"}
    if variant == "jsonpickle":
        value = {"py/reduce": [{"py/function": "hexaeffect.fire"}, {"py/tuple": []}]}
    text = json.dumps(value)
    if variant == "plain-hex":
        text = text.encode().hex()
    elif variant == "plain-base64":
        text = base64.b64encode(text.encode()).decode()
    return {"text": text, "content": text.encode(), "ending": ".json"}
