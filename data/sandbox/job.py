"""One job: the zygote that forks it, its init, and the process that becomes the program.

    warden ── zygote (prelude imported, never reads a job) ── init (pid 1 of the job's own namespaces) ── program

The zygote never sees what a job is made of: the forked child reads that from its own socket, so nothing of
one job lies in the memory of the next. The init builds the job's private world, forks the program, and when
the program has ended kills everything else in there, reads the scratch folder and tells the warden. The
program holds no capability and no descriptor but its three streams. It cannot see, signal or trace anything
outside its own process namespace.
"""

from __future__ import annotations

import array
import base64
import contextlib
import gc
import importlib
import json
import os
import select
import signal
import socket
import stat
import struct
import sys
import time
import traceback

import _hexacoder_system as system

SCRATCH = "/scratch"
PASSED = 4
DEEPEST = 40
MOST_ENTRIES = 20_000
# In sight of every job and written by none: where its own file systems are mounted.
STAGE = "/run"


def serve_zygote(link: socket.socket, hello: dict) -> int | None:
    """Imports the prelude, then forks a job for each request. Returns only in a job's program."""
    try:
        for name in hello["prelude"]:
            importlib.import_module(name)
    except BaseException as error:
        link.send(json.dumps({"failed": f"{type(error).__name__}: {error}"[:2000]}).encode())
        os._exit(1)
    # What is here now stays for good: collections in the jobs need not walk it (and copy its pages).
    gc.collect()
    gc.freeze()
    own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC) if hello["nested"] else -1
    link.send(json.dumps({"ready": True}).encode())
    while True:
        descriptors = _receive_descriptors(link)
        if descriptors is None:
            os._exit(0)
        if hello["nested"]:
            system.unshare(system.CLONE_NEWPID)
        pid = os.fork()
        if pid == 0:
            link.close()
            if own_pids >= 0:
                os.close(own_pids)
            return _run_init(hello, *descriptors)
        if hello["nested"]:
            system.setns(own_pids, system.CLONE_NEWPID)
        for descriptor in descriptors:
            os.close(descriptor)
        link.send(struct.pack(">I", pid))
        # Returns when every process of the job's namespace is gone.
        os.waitpid(pid, 0)
        link.send(b"gone")


def _receive_descriptors(link: socket.socket) -> list[int] | None:
    size = array.array("i").itemsize
    data, extra, _flags, _address = link.recvmsg(1, socket.CMSG_SPACE(PASSED * size))
    if not data:
        return None
    numbers = array.array("i")
    for level, kind, payload in extra:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            numbers.frombytes(payload)
    return list(numbers)


# ---- init ----


def _run_init(hello: dict, control: int, stdin: int, stdout: int, stderr: int) -> int | None:
    """The job's init. Leaves the interpreter at its end, except in the forked program."""
    link = socket.socket(fileno=control)
    try:
        # From inside the namespace only signals with a handler reach its init.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        system.hide_from_peers()
        if not hello["nested"]:
            os.setsid()
        spec = _read_spec(link)
        if hello["nested"]:
            _build_world(spec["limits"], hello["kept"])
        _write_files(spec["files"])
        trouble, complain = os.pipe()
        program = os.fork()
        if program > 0:
            for descriptor in (complain, stdin, stdout, stderr):
                os.close(descriptor)
            answer = _await_program(link, program, hello["nested"])
            if reason := os.read(trouble, 2000):
                raise RuntimeError(reason.decode())
            if spec["collect"]:
                answer.update(_collect(spec))
            _send(link, answer)
            os._exit(0)
    except BaseException as error:
        with contextlib.suppress(OSError):
            _send(link, {"failed": f"{type(error).__name__}: {error}"[:2000]})
        os._exit(1)
    link.close()
    return _become_program(hello, spec, (stdin, stdout, stderr), complain)


def _read_spec(link: socket.socket) -> dict:
    def exactly(count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            chunk = link.recv(min(1 << 20, count - len(data)))
            if not chunk:
                os._exit(0)
            data += chunk
        return bytes(data)

    return json.loads(exactly(struct.unpack(">I", exactly(4))[0]))


def _send(link: socket.socket, answer: dict) -> None:
    data = json.dumps(answer).encode()
    link.settimeout(5)
    link.sendall(struct.pack(">I", len(data)) + data)


def _build_world(limits: dict, kept: list[str]) -> None:
    """Own mounts, own IPC, own host name: one file system of bounded size for all that the job may write."""
    system.unshare(system.CLONE_NEWNS | system.CLONE_NEWIPC | system.CLONE_NEWUTS)
    system.mount("none", "/", None, system.MS_REC | system.MS_PRIVATE)
    private = system.MS_NOSUID | system.MS_NODEV
    # Folders of the host that were bound under the places that are about to be covered.
    kept_open = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in kept]
    inodes = max(64, min(65_536, limits["scratchBytes"] // 4096))
    system.mount("scratch", STAGE, "tmpfs", private, f"size={limits['scratchBytes']},nr_inodes={inodes},mode=0755")
    for part, place in (("work", SCRATCH), ("tmp", "/tmp"), ("shm", "/dev/shm")):
        os.mkdir(f"{STAGE}/{part}", 0o700)
        system.mount(f"{STAGE}/{part}", place, None, system.MS_BIND)
    for path, descriptor in kept_open:
        os.makedirs(path, exist_ok=True)
        system.mount(f"/proc/self/fd/{descriptor}", path, None, system.MS_BIND)
        os.close(descriptor)
    system.unmount(STAGE)
    _mount_proc(private | system.MS_NOEXEC)


def _mount_proc(flags: int) -> None:
    try:
        # Processes and nothing else: no /proc/sys, no kernel's tables (Linux 5.8).
        system.mount("proc", "/proc", "proc", flags, "subset=pid,hidepid=2")
    except OSError:
        system.mount("proc", "/proc", "proc", flags, "hidepid=2")


def _write_files(files: dict) -> None:
    os.umask(0o022)
    for name, content in files.items():
        path = f"{SCRATCH}/{name}"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        # Executable, since it may be a script that the job is to start.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755)
        with open(descriptor, "wb") as file:
            file.write(base64.b64decode(content))


def _await_program(link: socket.socket, program: int, nested: bool) -> dict:
    """Waits for the program or for the warden's order to end it; then nothing of the job is left alive."""
    watched = os.pidfd_open(program) if hasattr(os, "pidfd_open") else -1
    status = None
    while status is None:
        ready, _, _ = select.select([link] + ([watched] if watched >= 0 else []), [], [], 0.1)
        if link in ready:
            break
        # Orphans are ours; unreaped they would count against the limit of processes.
        status = _reap(program)
    last = _kill_all(program, nested)
    if status is None:
        status = last
    used = os.times()
    code = os.waitstatus_to_exitcode(status) if status is not None else -signal.SIGKILL
    ending = {"code": code} if code >= 0 else {"signal": -code}
    return {**ending, "cpuMs": round((used.children_user + used.children_system) * 1000)}


def _reap(program: int) -> int | None:
    """Collects the dead; the program's status when it is among them."""
    found = None
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == 0:
            return found
        if pid == program:
            found = status


def _kill_all(program: int, nested: bool) -> int | None:
    found = None
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        with contextlib.suppress(ProcessLookupError):
            # Pid 1 kills everybody in its namespace but itself; in a container engine the group must do.
            os.kill(-1, signal.SIGKILL) if nested else os.killpg(program, signal.SIGKILL)
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return found
        if pid == program:
            found = status
        if pid == 0:
            time.sleep(0.001)
    return found


# ---- the scratch folder, read back ----


def _collect(spec: dict) -> dict:
    """What the program left: regular files that it made or changed, never through a link, within a budget."""
    given = {name: base64.b64decode(content) for name, content in spec["files"].items()}
    found: dict[str, str] = {}
    state = {"left": spec["limits"]["collectBytes"], "entries": 0, "dropped": 0}

    def visit(folder: int, prefix: str, depth: int) -> None:
        for name in sorted(os.listdir(folder)):
            state["entries"] += 1
            if state["entries"] > MOST_ENTRIES or depth > DEEPEST:
                state["dropped"] += 1
                return
            path = prefix + name
            try:
                path.encode()
                kind = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
                if stat.S_ISDIR(kind):
                    child = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=folder)
                    try:
                        visit(child, path + "/", depth + 1)
                    finally:
                        os.close(child)
                elif stat.S_ISREG(kind):
                    take(name, folder, path)
                else:
                    state["dropped"] += 1
            except (OSError, UnicodeEncodeError):
                state["dropped"] += 1

    def take(name: str, folder: int, path: str) -> None:
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        with open(descriptor, "rb") as file:
            size = os.fstat(descriptor).st_size
            if size > state["left"]:
                state["dropped"] += 1
                return
            content = file.read(size)
        if given.get(path) != content:
            state["left"] -= len(content)
            found[path] = base64.b64encode(content).decode()

    top = os.open(SCRATCH, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        visit(top, "", 0)
    finally:
        os.close(top)
    return {"files": found, "filesDropped": state["dropped"]}


# ---- the program ----


def _become_program(hello: dict, spec: dict, streams: tuple[int, int, int], complain: int) -> int:
    """Becomes the program: its streams, its limits, no privileges; then exec, or Python in this very process."""
    try:
        for number, descriptor in enumerate(streams):
            os.dup2(descriptor, number)
        os.closerange(3, complain)
        os.closerange(complain + 1, 1 << 16)
        os.setsid()
        system.prctl(system.PR_SET_DUMPABLE, 1)
        with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
        os.environ.clear()
        os.environ.update(spec["env"])
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(os.path.join(SCRATCH, spec["cwd"]))
        system.set_limits(spec["limits"], hello["nested"] and system.counts_processes_by_namespace())
        system.drop_all_privileges()
        if hello["filter"]:
            system.install_filter(base64.b64decode(hello["filter"]))
    except BaseException as error:
        # A job whose walls are not all up does not start.
        os.write(complain, f"{type(error).__name__}: {error}"[:2000].encode())
        os._exit(1)
    os.close(complain)
    return _exec(spec) if spec["kind"] == "exec" else _run_python(spec)


def _exec(spec: dict) -> int:
    for number in (signal.SIGINT, signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    try:
        os.execvpe(spec["argv"][0], spec["argv"], spec["env"])
    except OSError as error:
        print(f"{spec['argv'][0]}: {error.strerror}", file=sys.stderr)
        return 127 if isinstance(error, FileNotFoundError) else 126


def _run_python(spec: dict) -> int:
    """Runs a file of the scratch folder as `python FILE` would, but in this warm interpreter."""
    name = spec["argv"][0]
    path = os.path.join(SCRATCH, name)
    sys.argv = list(spec["argv"])
    sys.path.insert(0, os.path.dirname(path))
    for module in [module for module in sys.modules if module.startswith("_hexacoder_")]:
        del sys.modules[module]
    main = type(sys)("__main__")
    main.__dict__.update(__file__=path, __builtins__=__builtins__)
    sys.modules["__main__"] = main
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec")
        exec(code, main.__dict__)
    except SystemExit as leaving:
        return _status_of(leaving.code)
    except BaseException as error:
        # Our own frame is not the program's business.
        own = error.__traceback__
        traceback.print_exception(type(error), error, own.tb_next if own else None)
        return 1
    return 0


def _status_of(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    print(code, file=sys.stderr)
    return 1
