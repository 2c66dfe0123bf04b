"""The models that a server offers: the base, and a merged copy for each adapter.

A copy shares every weight with the base except the layers that its adapter changes, so an attention
adapter costs about a third of the base in memory and nothing in time, and batches of different adapters
never mix. The update is computed and added in float32.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .errors import TrainerError
from .export import read_state
from .model import fingerprint


def merged_copies(base: Any, adapters: dict[str, Path]) -> dict[str, Any]:
    """A model for each adapter.

    Args:
        base: The base model; it stays as it is.
        adapters: Folders by name.

    Raises:
        TrainerError: ``adapter-not-found`` or ``adapter-base-mismatch``.
    """
    known = fingerprint(base) if adapters else ""
    copies: dict[str, Any] = {}
    for name, folder in adapters.items():
        _check_adapter(folder, known)
        copies[name] = _merged(base, folder)
    return copies


def _merged(base: Any, folder: Path) -> Any:
    from peft import PeftModel

    try:
        wrapped = PeftModel.from_pretrained(_share_weights(base), str(folder), is_trainable=False)
        # safe_merge writes sums into new memory; an in-place merge would change the base's weights, too.
        return wrapped.merge_and_unload(safe_merge=True).eval()
    except (RuntimeError, ValueError, KeyError) as error:
        reason = str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
        raise TrainerError(
            "adapter-base-mismatch",
            f"The adapter {folder} does not fit the base model: {reason}",
            "Serve it on the base that its adapter_config.json names.",
        ) from error


def _share_weights(base: nn.Module) -> nn.Module:
    """A copy of the modules around the same weights. Weights tied in the base stay tied in the copy."""
    memo: dict[int, Any] = {}
    for weight in base.parameters():
        memo[id(weight)] = nn.Parameter(weight.data, requires_grad=False)
    for buffer in base.buffers():
        memo[id(buffer)] = buffer
    with torch.no_grad():
        return copy.deepcopy(base, memo)


def _check_adapter(folder: Path, known: str) -> None:
    try:
        settings = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise TrainerError(
            "adapter-not-found",
            f"{folder} is not an adapter folder: adapter_config.json cannot be read.",
            "Pass --adapter NAME=DIR with the --out folder of a finished training run.",
        ) from error
    state = read_state(folder)
    trained_on = state["identity"]["baseFingerprint"] if state is not None else known
    if trained_on != known:
        raise TrainerError(
            "adapter-base-mismatch",
            f"The adapter {folder} was trained on another base ({settings.get('base_model_name_or_path')}).",
            "Serve it with the base it was trained on, or train again on this one.",
        )
