"""The warden: the first program inside the sandbox. It takes jobs from hexacoder and answers with results.

It speaks frames (four bytes of length, then JSON) on its standard streams: `hello` once, then jobs one at a
time. It starts no program itself: the zygote forks them (job.py). It watches: it cuts output, counts memory
and processor time over all processes of the job, ends it when a limit is passed or hexacoder says so, and ends
itself when hexacoder is gone.
"""

from __future__ import annotations

import array
import base64
import contextlib
import json
import os
import platform
import selectors
import signal
import socket
import struct
import sys
import time

import _hexacoder_job as job
import _hexacoder_system as system

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")
WATCH_SECONDS = 0.02
# What a job gets between the order to end and being killed together with its init.
GRACE_SECONDS = 2.0

PASSWD = "root:x:0:0:root:/nonexistent:/usr/sbin/nologin\nsandbox:x:1000:1000:sandbox:/scratch:/bin/sh\n"
ETC = {
    "passwd": PASSWD,
    "group": "root:x:0:\nsandbox:x:1000:\n",
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


def main() -> int | None:
    """Serves until hexacoder closes our input. Returns a status only in a job's program."""
    hello = _read_frame()
    if hello["nested"]:
        system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
        _finish_system()
    ours, zygotes = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    zygote = os.fork()
    if zygote == 0:
        ours.close()
        nowhere = os.open("/dev/null", os.O_RDWR)
        for number in (0, 1, 2):
            os.dup2(nowhere, number)
        os.close(nowhere)
        system.hide_from_peers()
        system.prctl(system.PR_SET_PDEATHSIG, signal.SIGKILL)
        return job.serve_zygote(zygotes, hello)
    zygotes.close()
    system.hide_from_peers()
    answer = json.loads(ours.recv(4096) or b'{"failed": "the zygote died"}')
    if "failed" in answer:
        _write_frame({"type": "failed", "reason": answer["failed"]})
        os._exit(1)
    _write_frame({"type": "ready", "python": platform.python_version()})
    Warden(ours, zygote, hello["nested"]).serve()
    os._exit(0)


def _finish_system() -> None:
    """The last of the system that jobs see, before it becomes read-only."""
    for name, text in ETC.items():
        with open(f"/etc/{name}", "w") as file:
            file.write(text)
    sealed = system.MS_REMOUNT | system.MS_BIND | system.MS_RDONLY | system.MS_NOSUID | system.MS_NODEV
    system.mount("none", "/", None, sealed)
    # The devices in it are mounts of their own, which this does not touch.
    system.mount("none", "/dev", None, sealed)


def _read_exactly(count: int) -> bytes:
    data = bytearray()
    while len(data) < count:
        chunk = os.read(0, min(1 << 20, count - len(data)))
        if not chunk:
            os._exit(0)
        data += chunk
    return bytes(data)


def _read_frame() -> dict:
    return json.loads(_read_exactly(struct.unpack(">I", _read_exactly(4))[0]))


def _write_frame(frame: dict) -> None:
    data = memoryview(json.dumps(frame).encode())
    header = memoryview(struct.pack(">I", len(data)))
    for part in (header, data):
        rest = part
        while rest:
            rest = rest[os.write(1, rest) :]


class Warden:
    """Serves jobs one after the other."""

    def __init__(self, zygote: socket.socket, zygote_pid: int, nested: bool) -> None:
        """Takes the socket to the zygote, its pid, and whether jobs have namespaces of their own."""
        self.zygote = zygote
        self.own = {1, os.getpid(), zygote_pid}
        self.nested = nested

    def serve(self) -> None:
        """Reads frames until the end of input, which ends everything."""
        while True:
            frame = _read_frame()
            # An order to end a job that has just ended by itself is late, nothing more.
            if frame["type"] == "job":
                _write_frame(Run(self, frame).to_result())


class Run:
    """One job under watch."""

    def __init__(self, warden: Warden, frame: dict) -> None:
        """Has the zygote fork the job and sends it what it is made of."""
        self.warden = warden
        self.id = frame["id"]
        self.spec = frame["spec"]
        self.limits = self.spec["limits"]
        self.started = time.monotonic()
        self.ended: str | None = None
        self.killed_at = 0.0
        self.truncated = False
        self.answer: bytearray = bytearray()
        self.input = memoryview(base64.b64decode(self.spec.pop("stdin")))
        self.selector = selectors.DefaultSelector()
        self.output: dict[int, bytearray] = {}
        self.init = self._start()

    def _start(self) -> int:
        control, theirs = socket.socketpair()
        stdin_read, stdin_write = os.pipe()
        stdout_read, stdout_write = os.pipe()
        stderr_read, stderr_write = os.pipe()
        passed = [theirs.detach(), stdin_read, stdout_write, stderr_write]
        rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", passed).tobytes())
        self.warden.zygote.sendmsg([b"j"], [rights])
        for descriptor in passed:
            os.close(descriptor)
        (init,) = struct.unpack(">I", self.warden.zygote.recv(16))
        data = json.dumps(self.spec).encode()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            control.sendall(struct.pack(">I", len(data)) + data)
        self.control = control
        self.stdin = stdin_write
        self.streams = (stdout_read, stderr_read)
        for descriptor in (stdin_write, stdout_read, stderr_read, control.fileno()):
            os.set_blocking(descriptor, False)
        for stream in self.streams:
            self.output[stream] = bytearray()
            self.selector.register(stream, selectors.EVENT_READ, self._on_output)
        self.selector.register(control, selectors.EVENT_READ, self._on_answer)
        self.selector.register(self.warden.zygote, selectors.EVENT_READ, self._on_gone)
        self.selector.register(0, selectors.EVENT_READ, self._on_order)
        if self.input:
            self.selector.register(stdin_write, selectors.EVENT_WRITE, self._on_input_wanted)
        else:
            os.close(stdin_write)
        return init

    def to_result(self) -> dict:
        """Watches the job to its end."""
        self.gone = False
        next_look = self.started + WATCH_SECONDS
        while not self.gone:
            for key, _ in self.selector.select(max(0.0, next_look - time.monotonic())):
                key.data(key.fd)
            now = time.monotonic()
            if now >= next_look:
                self._look(now)
                next_look = now + WATCH_SECONDS
        self._drain()
        return self._result()

    # ---- events ----

    def _on_output(self, stream: int) -> bool:
        chunk = os.read(stream, 65_536)
        if not chunk:
            self.selector.unregister(stream)
            return False
        kept = self.output[stream]
        room = self.limits["outputBytes"] - len(kept)
        kept += chunk[:room]
        if len(chunk) > room:
            self.truncated = True
            self._end("output-limit")
        return True

    def _on_input_wanted(self, stream: int) -> None:
        try:
            self.input = self.input[os.write(stream, self.input[:65_536]) :]
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.input = memoryview(b"")
        if not self.input:
            self.selector.unregister(stream)
            os.close(stream)

    def _on_answer(self, _stream: int) -> None:
        try:
            chunk = self.control.recv(1 << 20)
        except (BlockingIOError, ConnectionResetError):
            return
        self.answer += chunk
        if not chunk:
            self.selector.unregister(self.control)

    def _on_gone(self, _stream: int) -> None:
        # The zygote says so when the job's init and all of its namespace are gone; nothing means it died.
        if not self.warden.zygote.recv(16):
            os._exit(1)
        self.gone = True

    def _on_order(self, _stream: int) -> None:
        if _read_frame()["type"] == "kill":
            self._end("cancelled")

    # ---- watch ----

    def _look(self, now: float) -> None:
        if self.ended is not None:
            if now - self.killed_at > GRACE_SECONDS:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.init, signal.SIGKILL)
            return
        if (now - self.started) * 1000 > self.limits["wallMs"]:
            self._end("timeout")
            return
        used = _usage(self.warden.own, self.init)
        if used["cpu"] > self.limits["cpuSeconds"]:
            self._end("cpu-limit")
        elif used["count"] > self.limits["processes"] + system.OWN_PROCESSES:
            # Where RLIMIT_NPROC cannot count by namespace.
            self._end("process-limit")
        elif used["memory"] > self.limits["memoryBytes"] and _shared_out(used["pids"]) > self.limits["memoryBytes"]:
            self._end("memory-limit")

    def _end(self, why: str) -> None:
        if self.ended is not None:
            return
        self.ended = why
        self.killed_at = time.monotonic()
        with contextlib.suppress(OSError):
            self.control.send(b"k")

    # ---- result ----

    def _drain(self) -> None:
        """All writers are dead: what is left in the pipes is all there is."""
        for stream in self.streams:
            with contextlib.suppress(BlockingIOError, KeyError, ValueError):
                while stream in self.selector.get_map() and self._on_output(stream):
                    pass
            os.close(stream)
        if self.control in self.selector.get_map():
            with contextlib.suppress(BlockingIOError, ConnectionResetError):
                while chunk := self.control.recv(1 << 20):
                    self.answer += chunk
        self.control.close()
        if self.stdin in self.selector.get_map():
            os.close(self.stdin)
        self.selector.close()

    def _result(self) -> dict:
        result = {
            "type": "result",
            "id": self.id,
            "stdout": base64.b64encode(self.output[self.streams[0]]).decode(),
            "stderr": base64.b64encode(self.output[self.streams[1]]).decode(),
            "truncated": self.truncated,
            "durationMs": round((time.monotonic() - self.started) * 1000, 3),
            "cpuMs": 0,
        }
        answer = self._answer()
        if "failed" in answer:
            return {**result, "status": self.ended or "lost", "reason": answer["failed"]}
        result.update(answer)
        if self.ended is not None:
            return {**result, "status": self.ended}
        if "code" in answer:
            return {**result, "status": "exited"}
        spent = answer["signal"] == signal.SIGXCPU or (
            answer["signal"] == signal.SIGKILL and answer["cpuMs"] >= self.limits["cpuSeconds"] * 1000
        )
        return {**result, "status": "cpu-limit" if spent else "signalled"}

    def _answer(self) -> dict:
        if len(self.answer) < 4:
            return {"failed": "the job's init was killed"}
        try:
            return json.loads(self.answer[4:])
        except ValueError:
            return {"failed": "the job's init was killed while it answered"}


def _usage(own: set[int], init: int) -> dict:
    """Memory (pages shared between processes counted in each), processor time and number of processes."""
    # The dead whom nobody else waited for count in the times of the job's init.
    memory = cpu = 0
    pids = []
    for name in os.listdir("/proc"):
        if not name.isdigit() or int(name) in own:
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as file:
                fields = file.read().rpartition(b")")[2].split()
        except OSError:
            continue
        cpu += sum(int(field) for field in fields[11:15])
        if int(name) == init:
            continue
        pids.append(name)
        memory += int(fields[21]) * PAGE
    return {"memory": memory, "cpu": cpu / TICKS, "count": len(pids), "pids": pids}


def _shared_out(pids: list[str]) -> int:
    """Memory with each shared page counted once in all."""
    total = 0
    for name in pids:
        with contextlib.suppress(OSError), open(f"/proc/{name}/smaps_rollup", "rb") as file:
            for line in file:
                if line.startswith(b"Pss:"):
                    total += int(line.split()[1]) * 1024
    return total


def run() -> None:
    """The door: the bootstrap calls this, and a job's program comes back through it."""
    status = main()
    if status is not None:
        sys.exit(status)
