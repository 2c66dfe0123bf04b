from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from hexacoder_trainer.config import read_run_file
from hexacoder_trainer.train import train


def run(path: Path) -> list[Any]:
    seen: list[Any] = []
    train(read_run_file(path), seen.append)
    return seen


def test_a_run_lowers_the_loss_and_leaves_a_standard_adapter_folder(run_file: Callable[..., Path]) -> None:
    path = run_file(epochs=6)
    seen = run(path)
    evals = [event.loss for event in seen if event.event == "eval"]
    assert evals[-1] < evals[0]
    names = {item.name for item in (path.parent / "adapter").iterdir()}
    assert {"adapter_config.json", "adapter_model.safetensors", "tokenizer.json", "README.md"} <= names
