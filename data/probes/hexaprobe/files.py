"""A file system of the program's own: its paths are mapped below /scratch/root, where it may do as it likes.

A file that it wants to read and that is not there is made, so that a benign use finds something to work on. What
it opens, lists or removes is noted with the place that the path leads to.
"""

from __future__ import annotations

import builtins
import io
import os
import pathlib
import posixpath
import shutil
import sys
import tarfile
from collections.abc import Callable
from typing import Any

from hexaprobe.world import BENIGN, MARKER, world

ROOT = "/scratch/root"
HOME = "/srv/app"
# Folders in which the interpreter itself lives, and the sandbox's own.
_SYSTEM = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/proc", "/dev", "/scratch")
_kept: tuple[str, ...] = ()

_real: dict[str, Any] = {}


def _is_inside(path: str, folders: tuple[str, ...]) -> bool:
    return any(path == folder or path.startswith(folder + "/") for folder in folders)


def mapped(path: Any) -> Any:
    """Where a path of the program really is; what is no path stays as it is."""
    if isinstance(path, int) or path is None:
        return path
    try:
        text = os.fsdecode(os.fspath(path))
    except TypeError:
        return path
    if not text.startswith("/"):
        text = posixpath.join(HOME, text)
    # `..` at the root of the program's world stays there, as at any root.
    flat = posixpath.normpath(text)
    while flat.startswith("//"):
        flat = flat[1:]
    if _is_inside(flat, _kept) and MARKER not in flat and BENIGN not in flat:
        return flat
    result = ROOT + flat
    # A trailing slash asks for a folder.
    return result + "/" if text.endswith("/") and flat != "/" else result


def place_of(path: Any) -> str:
    """The path as the program knows it, absolute, with links followed."""
    real = _resolve(str(mapped(path)))
    return real[len(ROOT) :] if real.startswith(ROOT + "/") else real


def _resolve(path: str, depth: int = 0) -> str:
    done = ""
    for part in posixpath.normpath(path).split("/")[1:]:
        candidate = f"{done}/{part}"
        try:
            target = _real["readlink"](candidate) if depth < 20 else None
        except OSError:
            target = None
        if target is not None:
            joined = target if target.startswith("/") else posixpath.join(done or "/", target)
            candidate = _resolve(joined, depth + 1)
        done = candidate
    return done or "/"


def _note(op: str, path: Any) -> None:
    if isinstance(path, int) or not world.watching:
        return
    try:
        text = os.fsdecode(os.fspath(path))
    except TypeError:
        return
    if not _is_inside(posixpath.normpath(text), _kept) or MARKER in text or BENIGN in text:
        world.note("file", op=op, path=place_of(text), given=text[:300], own=is_own(text))


def is_own(path: str) -> bool:
    """Whether a path is of the input's making."""
    return BENIGN in path or posixpath.basename(path) in world.names


def _vivify(path: str) -> None:
    """Makes a file that is wanted and not there."""
    if not path.startswith(ROOT + "/") or _real["exists"](path):
        return
    try:
        _real["makedirs"](posixpath.dirname(path), exist_ok=True)
        with _real["open"](path, "wb") as file:
            file.write(content_for(path))
    except OSError:
        # A file where a folder should be: the program gets the system's own answer.
        return


_ANY = b"hexabenign content\n"
_USUAL = {".xml": b"<root><name>hexabenign</name></root>\n", ".json": b'{"name": "hexabenign"}\n'}


def content_for(name: str) -> bytes:
    """What a file or an answer of a server holds, by the ending of its name."""
    given = world.own_contents if world.own_contents is not None and is_own(name) else world.contents
    for ending, content in given.items():
        if ending and name.lower().endswith(ending):
            return content
    usual = next((content for ending, content in _USUAL.items() if name.lower().endswith(ending)), _ANY)
    return given.get("", usual)


def _open(file: Any, mode: str = "r", *args: Any, **named: Any) -> Any:
    if isinstance(file, int):
        return _real["open"](file, mode, *args, **named)
    place = mapped(file)
    writes = isinstance(mode, str) and any(letter in mode for letter in "wax+")
    _note("write" if writes else "read", file)
    if isinstance(place, str) and world.watching:
        if writes:
            _make_parent(place)
        else:
            _vivify(place)
    return _real["open"](place, mode, *args, **named)


def _os_open(path: Any, flags: int, *args: Any, **named: Any) -> Any:
    writes = bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
    if named.get("dir_fd") is None and not isinstance(path, int):
        _note("write" if writes else "read", path)
        place = mapped(path)
        if world.watching and not flags & os.O_DIRECTORY:
            _make_parent(place) if writes else _vivify(place)
        path = place
    return _real["os.open"](path, flags, *args, **named)


def _make_parent(place: str) -> None:
    if place.startswith(ROOT + "/"):
        try:
            _real["makedirs"](posixpath.dirname(place), exist_ok=True)
        except OSError:
            return


def clear(keep: set[str]) -> None:
    """Empties the program's world but for some files."""
    if not any(path.startswith(ROOT + "/") for path in keep):
        shutil.rmtree(ROOT, ignore_errors=True)
        return
    # By descriptor: a path that has the input's words in it would be mapped once more.
    for folder, folders, names, at in os.fwalk(ROOT, topdown=False):
        for name in names:
            if f"{folder}/{name}" not in keep:
                os.remove(name, dir_fd=at)
        for name in folders:
            try:
                os.rmdir(name, dir_fd=at)
            except NotADirectoryError:
                os.remove(name, dir_fd=at)
            except OSError:
                # What is to be kept lies below it.
                continue


_LOOKS = ("stat", "lstat", "access")
_LISTS = ("listdir", "scandir")
_CHANGES = ("remove", "unlink", "rmdir", "chmod", "chown", "truncate", "utime", "chdir")
_MAKES = ("mkdir",)
_TWO = ("rename", "replace", "link", "symlink")


def _wrapped(name: str, before: Callable[[Any, str], None]) -> Callable[..., Any]:
    real = getattr(os, name)

    def call(path: Any = ".", *args: Any, **named: Any) -> Any:
        if isinstance(path, int) or named.get("dir_fd") is not None:
            return real(path, *args, **named)
        place = mapped(path)
        if world.watching and isinstance(place, str):
            before(path, place)
        if isinstance(path, bytes):
            place = os.fsencode(place)
        return real(place, *args, **named)

    call.__name__ = name
    return call


def _before_look(path: Any, place: str) -> None:
    text = os.fsdecode(os.fspath(path))
    # Only what the input names: a name that the program made of it may be a folder that it is about to make.
    name = posixpath.basename(text)
    wanted = world.vivify_on_stat and (BENIGN in text or MARKER in text) and name in world.names
    if wanted and posixpath.splitext(name)[1] != "":
        _vivify(place)
    if MARKER in text or BENIGN in text:
        world.note("look", path=place_of(text), given=text[:300], own=is_own(text))


def _before_list(path: Any, place: str) -> None:
    _note("list", path)
    if place.startswith(ROOT + "/"):
        try:
            _real["makedirs"](place, exist_ok=True)
        except OSError:
            return


def _before_change(op: str) -> Callable[[Any, str], None]:
    def before(path: Any, place: str) -> None:
        _note(op, path)
        if op != "chdir":
            _vivify(place)

    return before


def _before_make(path: Any, place: str) -> None:
    _make_parent(place)
    _note("make", path)


def _two(name: str) -> Callable[..., Any]:
    real = getattr(os, name)

    def call(source: Any, target: Any, *args: Any, **named: Any) -> Any:
        if name == "symlink":
            _note("link", target)
            absolute = os.fsdecode(os.fspath(source))
            source = mapped(absolute) if absolute.startswith("/") else source
        else:
            _note("move", source)
            _note("write", target)
            _vivify(mapped(source))
            source = mapped(source)
        _make_parent(mapped(target))
        return real(source, mapped(target), *args, **named)

    call.__name__ = name
    return call


def _getcwd() -> str:
    here = _real["getcwd"]()
    return here[len(ROOT) :] or "/" if here.startswith(ROOT) else here


def install() -> None:
    """Puts this file system in place of the real one."""
    global _kept
    own = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    _kept = tuple(sorted({*_SYSTEM, *(folder.rstrip("/") for folder in own)} - {"/"}))
    _real.update(
        {"open": builtins.open, "os.open": os.open, "readlink": os.readlink, "getcwd": os.getcwd},
    )
    raw_stat, raw_mkdir = os.stat, os.mkdir

    def exists(path: str) -> bool:
        try:
            raw_stat(path)
        except (OSError, ValueError):
            return False
        return True

    def makedirs(path: str, exist_ok: bool = True) -> None:
        if exists(path):
            return
        makedirs(posixpath.dirname(path))
        raw_mkdir(path)

    _real.update({"exists": exists, "makedirs": makedirs})
    makedirs(ROOT + HOME)
    for name in _LOOKS:
        setattr(os, name, _wrapped(name, _before_look))
    for name in _LISTS:
        setattr(os, name, _wrapped(name, _before_list))
    for name in _CHANGES:
        setattr(os, name, _wrapped(name, _before_change("remove" if name in ("remove", "unlink", "rmdir") else name)))
    for name in _MAKES:
        setattr(os, name, _wrapped(name, _before_make))
    for name in _TWO:
        setattr(os, name, _two(name))
    os.readlink = _wrapped("readlink", lambda _path, _place: None)
    os.open = _os_open
    os.getcwd = _getcwd
    builtins.open = io.open = tarfile.bltn_open = _open
    _rebind_pathlib()


def _rebind_pathlib() -> None:
    """Before Python 3.11 pathlib keeps functions of its own; they are the same ones by name."""
    accessor = getattr(pathlib, "_NormalAccessor", None)
    if accessor is None:
        return
    for name in (*_LOOKS, *_LISTS, *_CHANGES, *_MAKES, *_TWO, "readlink", "open"):
        if hasattr(accessor, name):
            setattr(accessor, name, staticmethod(_open if name == "open" else getattr(os, name)))
