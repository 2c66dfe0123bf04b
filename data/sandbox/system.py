"""What the sandbox asks of the Linux kernel, by name: namespaces, mounts, capabilities, seccomp, limits.

Python's standard library has no calls for these, so they go through ctypes. Every failure is an OSError that
says which call it was: a wall that could not be put up must never pass for one that stands.
"""

from __future__ import annotations

import ctypes
import os
import resource

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000

MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
MS_REC, MS_PRIVATE = 0x4000, 0x40000
MNT_DETACH = 2

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP = 1, 4, 24
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 22, 38, 47
PR_CAP_AMBIENT_CLEAR_ALL = 4
SECCOMP_MODE_FILTER = 2
LAST_CAPABILITY = 63
CAPABILITY_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)


class _SockFprog(ctypes.Structure):
    """struct sock_fprog of <linux/filter.h>."""

    _fields_ = [("len", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def _check(result: int, what: str) -> int:
    if result >= 0:
        return result
    number = ctypes.get_errno()
    raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Puts this process (for pid namespaces: its next children) into new namespaces."""
    _check(_libc.unshare(flags), "unshare")


def setns(descriptor: int, flags: int) -> None:
    """Goes back to a namespace that is open as a file descriptor."""
    _check(_libc.setns(descriptor, flags), "setns")


def mount(source: str, target: str, kind: str | None, flags: int, data: str = "") -> None:
    """mount(2)."""
    texts = [text.encode() if text else None for text in (source, target, kind, data)]
    _check(_libc.mount(*texts[:3], ctypes.c_ulong(flags), texts[3]), f"mount {target}")


def unmount(target: str) -> None:
    """Takes a mount out of sight; what is bound elsewhere stays."""
    _check(_libc.umount2(target.encode(), MNT_DETACH), f"umount {target}")


def prctl(option: int, *values: int) -> None:
    """prctl(2)."""
    arguments = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    _check(_libc.prctl(option, *arguments), f"prctl {option}")


def hide_from_peers() -> None:
    """Nobody with the same user id may trace this process or read its memory and descriptors."""
    prctl(PR_SET_DUMPABLE, 0)


def drop_all_privileges() -> None:
    """No capability now, none after an exec, none from a setuid file."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in range(LAST_CAPABILITY + 1):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError as error:
            # EINVAL: past this kernel's last capability. EPERM: nothing was given to drop (a container).
            if error.errno not in (1, 22):
                raise
            break
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _check(_libc.capset(header, nothing), "capset")


def install_filter(program: bytes) -> None:
    """Installs a seccomp filter for this process and its children; it cannot be taken off."""
    buffer = ctypes.create_string_buffer(program, len(program))
    prog = _SockFprog(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(prog))


# Processes of the sandbox itself that count against the job's limit: bubblewrap's init, the warden, the
# zygote and the job's own init.
OWN_PROCESSES = 4
# Address space that is not memory: the interpreter's libraries, stacks of threads, arenas of malloc.
ADDRESS_SPACE_SLACK = 512 * 1024 * 1024


def set_limits(limits: dict, count_processes: bool) -> None:
    """Sets this process's limits, hard ones too: only a privileged process could raise them again."""
    cpu = limits["cpuSeconds"]
    address_space = limits["memoryBytes"] + ADDRESS_SPACE_SLACK
    wanted = [
        (resource.RLIMIT_CPU, cpu, cpu + 1),
        (resource.RLIMIT_AS, address_space, address_space),
        (resource.RLIMIT_FSIZE, limits["fileBytes"], limits["fileBytes"]),
        (resource.RLIMIT_NOFILE, limits["openFiles"], limits["openFiles"]),
        (resource.RLIMIT_CORE, 0, 0),
        (resource.RLIMIT_MEMLOCK, 65536, 65536),
        (resource.RLIMIT_MSGQUEUE, 0, 0),
        (resource.RLIMIT_RTPRIO, 0, 0),
        (resource.RLIMIT_NICE, 0, 0),
    ]
    if count_processes:
        processes = limits["processes"] + OWN_PROCESSES
        wanted.append((resource.RLIMIT_NPROC, processes, processes))
    for kind, soft, hard in wanted:
        ceiling = resource.getrlimit(kind)[1]
        # A limit that we live under ourselves cannot be raised.
        most = hard if ceiling == resource.RLIM_INFINITY else ceiling
        resource.setrlimit(kind, (min(soft, most), min(hard, most)))


def counts_processes_by_namespace() -> bool:
    """Whether RLIMIT_NPROC counts only this sandbox's processes: Linux 5.14 and later."""
    major, minor = (int("".join(c for c in part if c.isdigit()) or 0) for part in os.uname().release.split(".")[:2])
    return (major, minor) >= (5, 14)
