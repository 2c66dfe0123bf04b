"""What tests of whole runs share: start them, stop them, compare what they leave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from hexacoder_trainer import events
from hexacoder_trainer.config import read_run_file
from hexacoder_trainer.errors import TrainerError
from hexacoder_trainer.train import train

TRAINER = Path(__file__).parent.parent
RunFile = Callable[..., Path]


def run(path: Path) -> list[Any]:
    """Trains in this process and returns the events, each checked against the protocol."""
    seen: list[Any] = []
    train(read_run_file(path), seen.append)
    return [events.from_json(events.to_json(event)) for event in seen]


def fails(path: Path) -> TrainerError:
    with pytest.raises(TrainerError) as caught:
        run(path)
    return caught.value


def start(path: Path, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "hexacoder_trainer", "train", str(path)]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    return subprocess.Popen(
        command, cwd=TRAINER, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, **options
    )


def wait_for_step(process: subprocess.Popen[str], step: int) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        event = events.from_json(line)
        if event.event == "step" and event.step >= step:
            return
    raise AssertionError(f"ended before step {step}: {process.stderr and process.stderr.read()}")


def weights(out: Path) -> dict[str, torch.Tensor]:
    return load_file(out / "adapter_model.safetensors")


def assert_same_adapter(one: Path, other: Path) -> None:
    left, right = weights(one), weights(other)
    assert left.keys() == right.keys()
    for name in left:
        assert torch.allclose(left[name], right[name], atol=1e-6), name


def raiser(error: Exception) -> Callable[..., None]:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


def kinds(seen: list[Any]) -> list[str]:
    return [event.event for event in seen]


def leave_a_run(run_file: RunFile, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    path = run_file(maxSteps=5, saveEverySteps=2)
    if state == "finished":
        run(path)
        return
    with monkeypatch.context() as patch:
        patch.setattr("hexacoder_trainer.train.export_adapter", raiser(RuntimeError("cut")))
        with pytest.raises(RuntimeError):
            run(path)


REPLAY = {"data": {"train": "train.jsonl", "eval": "eval.jsonl", "replay": "replay.jsonl"}, "replayShare": 0.5}


def write_replay(path: Path, *texts: str) -> None:
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
