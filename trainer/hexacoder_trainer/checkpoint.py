"""Checkpoints that a kill at any moment cannot break.

A checkpoint is written into a hidden folder, flushed to the disk and renamed; a folder that is called
``step-N`` is therefore complete. Order and dropout are functions of (seed, step), so there is no random
state to store. The best adapter so far travels inside each checkpoint: what is exported never depends
on a file that a later, lost step had written.
"""

from __future__ import annotations

import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save

from .errors import TrainerError

_KEPT = 2
_PREFIX = "step-"
_HIDDEN = ".writing-"

Weights = dict[str, torch.Tensor]


@dataclass
class Checkpoint:
    """All that a run needs to go on.

    Attributes:
        step: Steps done.
        adapter: The adapter's weights.
        optimizer: State of AdamW.
        best: Adapter of the lowest evaluation loss, or None.
        best_step: Its step.
        best_loss: Its evaluation loss.
        evals: Every evaluation so far as [step, loss].
        identity: Settings and hashes that a resumed run must share.
    """

    step: int
    adapter: Weights
    optimizer: dict[str, Any]
    best: Weights | None
    best_step: int | None
    best_loss: float | None
    evals: list[list[float]]
    identity: dict[str, Any]


def save_checkpoint(folder: Path, checkpoint: Checkpoint) -> Path:
    """Writes ``step-N`` below ``folder`` and drops all but the newest checkpoints."""
    target = folder / f"{_PREFIX}{checkpoint.step}"
    with atomic_folder(target) as writing:
        write_file(writing / "adapter.safetensors", save(checkpoint.adapter))
        if checkpoint.best is not None:
            write_file(writing / "best.safetensors", save(checkpoint.best))
        buffer = io.BytesIO()
        torch.save(checkpoint.optimizer, buffer)
        write_file(writing / "optimizer.pt", buffer.getvalue())
        state = {
            "step": checkpoint.step,
            "bestStep": checkpoint.best_step,
            "bestLoss": checkpoint.best_loss,
            "evals": checkpoint.evals,
            "identity": checkpoint.identity,
        }
        write_file(writing / "state.json", json.dumps(state, indent=2).encode())
    for old in _steps(folder)[:-_KEPT]:
        shutil.rmtree(folder / f"{_PREFIX}{old}", ignore_errors=True)
    return target


def newest_checkpoint(folder: Path) -> Path | None:
    """The checkpoint to resume from; what an interrupted write left is removed."""
    for rest in folder.glob(f"{_HIDDEN}*") if folder.is_dir() else ():
        shutil.rmtree(rest, ignore_errors=True)
    steps = _steps(folder)
    return folder / f"{_PREFIX}{steps[-1]}" if steps else None


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads a checkpoint; tensors come to the CPU.

    Raises:
        TrainerError: ``resume-mismatch`` when the folder was damaged from outside.
    """
    try:
        state = json.loads((path / "state.json").read_text(encoding="utf-8"))
        best = path / "best.safetensors"
        return Checkpoint(
            step=state["step"],
            adapter=load_file(path / "adapter.safetensors"),
            optimizer=torch.load(path / "optimizer.pt", map_location="cpu", weights_only=True),
            best=load_file(best) if best.exists() else None,
            best_step=state["bestStep"],
            best_loss=state["bestLoss"],
            evals=state["evals"],
            identity=state["identity"],
        )
    except Exception as error:
        raise TrainerError(
            "resume-mismatch",
            f"The checkpoint {path} cannot be read: {type(error).__name__}: {error}",
            "Remove this folder to go on from the checkpoint before it, or its parent to start again.",
        ) from error


@contextmanager
def atomic_folder(target: Path) -> Iterator[Path]:
    """Gives a hidden folder to write into and renames it to ``target`` when all went well."""
    target.parent.mkdir(parents=True, exist_ok=True)
    writing = target.parent / f"{_HIDDEN}{target.name}"
    shutil.rmtree(writing, ignore_errors=True)
    writing.mkdir()
    try:
        yield writing
        if target.exists():
            shutil.rmtree(target)
        writing.rename(target)
        _flush_folder(target.parent)
    finally:
        shutil.rmtree(writing, ignore_errors=True)


def write_file(path: Path, data: bytes) -> None:
    """Writes a file through a plain descriptor, so that a full disk is an OSError, and flushes it."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _steps(folder: Path) -> list[int]:
    names = (path.name.removeprefix(_PREFIX) for path in folder.glob(f"{_PREFIX}*"))
    return sorted(int(name) for name in names if name.isdigit())
