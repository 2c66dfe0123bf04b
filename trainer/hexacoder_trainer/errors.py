"""Errors that a user can act on.

Each has a code out of one table; the table gives the exit status, the same numbers as the command
line's: 2 bad input, 3 something missing, 4 failed on the way, 130 interrupted.
"""

from __future__ import annotations

import errno

EXIT_STATUS: dict[str, int] = {
    "bad-arguments": 2,
    "bad-run-file": 2,
    "bad-data": 2,
    "out-exists": 2,
    "out-busy": 2,
    "resume-mismatch": 2,
    "tokenizer-without-offsets": 2,
    "no-target-modules": 2,
    "no-learning-tokens": 2,
    "unsupported-model": 2,
    "adapter-base-mismatch": 2,
    "base-not-found": 3,
    "adapter-not-found": 3,
    "device-not-found": 3,
    "package-missing": 3,
    "port-unavailable": 3,
    "out-of-memory": 4,
    "nan-loss": 4,
    "disk-full": 4,
    "not-writable": 4,
    "tracker-failed": 4,
    "internal-error": 4,
    "interrupted": 130,
}


class TrainerError(Exception):
    """What failed, on which value, and what to do next.

    Attributes:
        code: One of ``EXIT_STATUS``.
        message: What failed and where, one or two sentences.
        remedy: What the user can do.
    """

    def __init__(self, code: str, message: str, remedy: str) -> None:
        """Makes the error; an unknown code is a bug and fails at once."""
        super().__init__(message)
        self.exit_status = EXIT_STATUS[code]
        self.code = code
        self.message = message
        self.remedy = remedy


_DISK_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NOT_WRITABLE = {errno.EACCES, errno.EPERM, errno.EROFS}


def explain(error: BaseException) -> TrainerError:
    """Turns any exception into a ``TrainerError``; what is not recognised becomes ``internal-error``."""
    if isinstance(error, TrainerError):
        return error
    if isinstance(error, KeyboardInterrupt):
        return interrupted("Stopped by a signal.")
    if is_out_of_memory(error):
        return TrainerError(
            "out-of-memory",
            f"The model and its batch do not fit into memory: {_first_line(error)}",
            "Lower microBatchSize (or maxLength), set gradientCheckpointing, or take a smaller base; "
            "then resume. For the server, lower --max-batch.",
        )
    if isinstance(error, OSError) and error.errno in _DISK_FULL:
        return TrainerError(
            "disk-full",
            f"Could not write {error.filename or 'the run folder'}: {error.strerror}.",
            "Free some space (or raise the quota) and resume; what was saved before is intact.",
        )
    if isinstance(error, OSError) and error.errno in _NOT_WRITABLE:
        return TrainerError(
            "not-writable",
            f"Could not write {error.filename or 'the run folder'}: {error.strerror}.",
            "Choose a folder that this user may write to.",
        )
    return TrainerError(
        "internal-error",
        f"{type(error).__name__}: {_first_line(error)}",
        "This is a bug in hexacoder or in a library; the stack is on standard error. Please report it.",
    )


def interrupted(message: str) -> TrainerError:
    """The run ended early and can go on."""
    return TrainerError("interrupted", message, "Run the same command with --resume to go on.")


def is_out_of_memory(error: BaseException) -> bool:
    """Whether the exception says that host or device memory ran out (PyTorch has no one type for it)."""
    if isinstance(error, MemoryError):
        return True
    if not isinstance(error, RuntimeError):
        return False
    text = str(error)
    signs = ("out of memory", "not enough memory", "DefaultCPUAllocator: can't allocate memory")
    return type(error).__name__ == "OutOfMemoryError" or any(sign in text for sign in signs)


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:300] if lines else "no message"
