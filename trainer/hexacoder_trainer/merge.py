"""An adapter and its base as one model, for servers and converters that know no adapters (llama.cpp, Ollama)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from . import events, model
from .adapters import merged_copies
from .checkpoint import atomic_folder
from .errors import TrainerError


def merge(base: str, adapter: Path, out: Path, emit: Callable[[Any], None]) -> None:
    """Writes the merged model, in the base's own dtype, and the tokenizer to a folder that is not there yet.

    Raises:
        TrainerError: ``out-exists``, ``base-not-found``, ``adapter-not-found`` or ``adapter-base-mismatch``.
    """
    began = time.monotonic()
    if out.exists():
        raise TrainerError("out-exists", f"The folder {out} is there already.", "Remove it, or choose another.")
    loaded = model.load_base(base, torch.device("cpu"), "auto")
    merged = merged_copies(loaded, {"adapter": adapter})["adapter"]
    tokenizer = model.load_tokenizer(base)
    with atomic_folder(out) as writing:
        merged.save_pretrained(writing)
        tokenizer.save_pretrained(writing)
    emit(events.Merged(path=str(out), seconds=round(time.monotonic() - began, 3)))
