"""Commands: a shell really reads what the program gives it, but every program that it could start is a stub.

That the shell is real is the point: whether quoting holds is for it to say. The stubs note their arguments and
print a line; one of them is the payload's.
"""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
import sys
from typing import Any

from hexaprobe.world import MARKER, world

STUBS = "/scratch/stubs"
LOG = "/scratch/stubs.log"
# A stub ends at once; a busy machine may let it wait.
STUB_SECONDS = 8
# The payload's command.
COMMAND = "hexacommand"
_WORD = re.compile(r"[A-Za-z][\w.+-]{1,30}")
_real_popen = subprocess.Popen
_real_system = os.system
_open = open
_SHELLS = {"sh", "bash", "dash", "zsh", "ksh", "ash", "cmd", "cmd.exe", "powershell"}
_BUILTIN = {
    "echo",
    "cd",
    "exit",
    "test",
    "true",
    "false",
    "printf",
    "set",
    "export",
    "eval",
    "exec",
    "if",
    "then",
    "fi",
}

_STUB = (
    """#!/bin/sh
{ printf '%s\\001' "${0##*/}" "$@"; printf '\\n'; } >> """
    + LOG
    + """
case "$1$2$3" in *NAMELESS*) exit 1;; esac
echo "hexabenign output"
"""
)


def prepare(program: str) -> None:
    """Makes a stub of every word in the program's texts: one of them is the command."""
    os.makedirs(STUBS, exist_ok=True)
    body = f"{STUBS}/{COMMAND}"
    with _open(body, "w") as file:
        file.write(_STUB)
    os.chmod(body, 0o755)
    quoted = " ".join(re.findall(r"[\"']([^\"'\n]*)[\"']", program))
    words = set(_WORD.findall(quoted)) - _BUILTIN - {COMMAND}
    for word in [*sorted(words)[:300], "hexabenign"]:
        if not os.path.lexists(f"{STUBS}/{word}"):
            os.symlink(body, f"{STUBS}/{word}")


def prints(text: str) -> None:
    """What every stub prints from now on."""
    quoted = text.replace("'", "'\\''")
    with _open(f"{STUBS}/{COMMAND}", "w") as file:
        file.write(_STUB.replace('echo "hexabenign output"', f"printf '%s\\n' '{quoted}'"))


def _environment(given: Any) -> dict[str, str]:
    return {**(dict(given) if given else os.environ), "PATH": STUBS}


def _started() -> list[list[str]]:
    """Argument lists of the stubs that were started since the last look."""
    try:
        with _open(LOG, "rb") as file:
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return []
    os.remove(LOG)
    return [line.split("\x01")[:-1] for line in re.split(r"(?<=\x01)\n", text) if line]


def _note_started(command: Any, shell: bool) -> None:
    started = _started()
    text = command if isinstance(command, str) else " ".join(map(str, command))
    world.note("command", shell=shell, text=str(text)[:300], started=[args[:12] for args in started][:8])
    if any(args and args[0] == COMMAND for args in started):
        world.note("fired", how="command")


def _split(args: Any) -> tuple[Any, list[str]]:
    if isinstance(args, (str, bytes, os.PathLike)):
        return os.fsdecode(args), [os.fsdecode(args)]
    words = [os.fsdecode(word) if isinstance(word, (str, bytes, os.PathLike)) else word for word in args]
    for word in words:
        if not isinstance(word, str):
            raise TypeError(f"expected str, bytes or os.PathLike object, not {type(word).__name__}")
    return words, words


class Popen(_real_popen):
    """A process whose program is looked for among the stubs only."""

    def __init__(self, args: Any, *rest: Any, **named: Any) -> None:
        """Starts it and waits, so that what it did is known at once."""
        if not world.watching:
            super().__init__(args, *rest, **named)
            return
        shell = bool(named.get("shell"))
        given, words = _split(args)
        named["env"] = _environment(named.get("env"))
        cwd = named.pop("cwd", None)
        name = posixpath.basename(words[0]) if words else ""
        if not shell and name in _SHELLS:
            words = ["/bin/sh", *words[1:]]
        elif not shell and words:
            words = [_program(name, words[0]), *words[1:]]
        del cwd
        if MARKER + "input" in str(named.get("input", "")):
            named.pop("input")
        try:
            super().__init__(given if shell else words, *rest, **named)
        except BaseException:
            world.note("command", shell=shell, text=str(given)[:300], started=[])
            raise
        # A stub that reads its input would wait for ever; none of ours does.
        self._wait_short()
        _note_started(given, shell or name in _SHELLS)

    def _wait_short(self) -> None:
        import select

        descriptor = os.pidfd_open(self.pid) if hasattr(os, "pidfd_open") else None
        if descriptor is not None:
            select.select([descriptor], [], [], STUB_SECONDS)
            os.close(descriptor)


def _program(name: str, given: str) -> str:
    """The stub for a name, or a name that leads nowhere."""
    stub = f"{STUBS}/{name}"
    return stub if os.path.lexists(stub) and name else given


def _system(command: Any) -> int:
    if not world.watching:
        return _real_system(command)
    if not isinstance(command, (str, bytes, os.PathLike)):
        raise TypeError(f"expected str, bytes or os.PathLike object, not {type(command).__name__}")
    child = _real_popen(["/bin/sh", "-c", os.fsdecode(command)], env=_environment(None), stdout=-3, stderr=-3)
    try:
        status = child.wait(STUB_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        status = child.wait()
    _note_started(os.fsdecode(command), True)
    return status << 8


def _popen(command: str, mode: str = "r", _buffering: int = -1) -> Any:
    import io

    if not isinstance(command, str):
        raise TypeError(f"invalid cmd type ({type(command)}, expected string)")
    child = Popen(command, shell=True, stdout=-1, stdin=-1)
    text = child.communicate()[0]
    return io.StringIO(text.decode("utf-8", "replace")) if mode == "r" else io.StringIO()


def _exec(*args: Any, **_named: Any) -> None:
    words = [
        str(word) for word in (args[1] if len(args) > 1 and isinstance(args[1], (list, tuple)) else args[1:] or args)
    ]
    Popen([str(args[0]), *words[1:]])
    raise SystemExit(0)


def _spawn(_mode: int, path: str, args: Any, *_rest: Any) -> int:
    Popen([path, *list(args)[1:]])
    return 0


def install() -> None:
    """Puts the stubs in the way of every door to other programs."""
    subprocess.Popen = Popen
    os.system = _system
    os.popen = _popen
    for name in ("execv", "execve", "execvp", "execvpe", "execl", "execlp", "execle"):
        setattr(os, name, _exec)
    for name in ("spawnv", "spawnve", "spawnvp", "spawnvpe"):
        setattr(os, name, _spawn)
    pty = sys.modules.get("pty")
    if pty is not None:
        pty.spawn = lambda args, *_rest: Popen(args).returncode
    sys.modules.pop("commands", None)
    import asyncio

    async def shell(command: str, *_rest: Any, **_named: Any) -> Any:
        return _AsyncProcess(Popen(command, shell=True, stdout=-1, stderr=-1))

    async def listed(*words: Any, **_named: Any) -> Any:
        return _AsyncProcess(Popen(list(words), stdout=-1, stderr=-1))

    asyncio.create_subprocess_shell = shell
    asyncio.create_subprocess_exec = listed


class _AsyncProcess:
    """What asyncio gives back for a process that has ended already."""

    def __init__(self, child: Any) -> None:
        self.output = child.communicate()
        self.returncode = child.returncode
        self.pid = child.pid

    async def communicate(self, _input: Any = None) -> Any:
        return self.output

    async def wait(self) -> int:
        return self.returncode
