"""What can go wrong with a run, each with a code and a remedy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from hexacoder_trainer import events
from hexacoder_trainer.checkpoint import newest_checkpoint
from hexacoder_trainer.errors import EXIT_STATUS

from .conftest import make_rows, write_rows
from .support import (
    REPLAY,
    RunFile,
    fails,
    run,
    start,
)


def test_a_full_disk_is_one_paragraph_and_loses_no_checkpoint(run_file: RunFile) -> None:
    import resource

    def small_files_only() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))

    process = start(run_file(epochs=3), preexec_fn=small_files_only)
    stdout, stderr = process.communicate(timeout=600)
    failed = events.from_json(stdout.splitlines()[-1])
    assert (failed.code, process.returncode) == ("disk-full", EXIT_STATUS["disk-full"])
    assert "Traceback" not in stderr
    checkpoints = run_file().parent / "adapter" / "checkpoints"
    assert newest_checkpoint(checkpoints) is None
    assert list(checkpoints.iterdir()) == []


def test_rows_with_nothing_to_learn_are_reported(run_file: RunFile, tmp_path: Path) -> None:
    rows = make_rows(6)
    rows[2]["changes"] = []
    rows[4] = {**rows[4], "text": "x = 1\n" * 90 + "y", "changes": [{"start": 540, "end": 541}]}
    path = run_file(maxSteps=1)
    write_rows(tmp_path / "train.jsonl", rows)
    first, second = run(path)[:2]
    assert first == events.RowsWithoutLearningTokens("train", 2, 6, 1, 1, ["2", "4"])
    assert second.train_rows == 4


def test_rows_that_all_have_nothing_to_learn_are_an_error(run_file: RunFile, tmp_path: Path) -> None:
    path = run_file()
    write_rows(tmp_path / "train.jsonl", [{**row, "changes": []} for row in make_rows(3)])
    assert fails(path).code == "no-learning-tokens"


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({"base": "no/such-model"}, "base-not-found", "no/such-model"),
        ({"base": "."}, "base-not-found", "tokenizer"),
        (
            {"data": {"train": "missing.jsonl", "eval": None}, "evalPerEpoch": None, "keepBest": False},
            "bad-data",
            "Cannot",
        ),
        ({"device": "cuda"}, "device-not-found", "CUDA"),
        (REPLAY, "bad-data", "replay.jsonl"),
        (
            {"lora": {"rank": 4, "alpha": 8, "dropout": 0, "targetModules": ["qkv_proj"], "bias": "none"}},
            "no-target-modules",
            "q_proj",
        ),
        ({"learningRate": 1e30, "gradClip": None, "warmupRatio": 0.0}, "nan-loss", "not finite"),
    ],
)
def test_what_can_be_wrong_has_a_code_and_a_remedy(
    run_file: RunFile, changes: dict[str, Any], code: str, said: str
) -> None:
    if code == "device-not-found" and torch.cuda.is_available():
        changes, code, said = {"base": "none"}, "base-not-found", "none"
    error = fails(run_file(**changes))
    assert error.code == code
    assert said in f"{error.message} {error.remedy}"


def test_running_out_of_memory_is_named(run_file: RunFile, monkeypatch: pytest.MonkeyPatch) -> None:
    from hexacoder_trainer.errors import explain

    def allocate(*_: Any, **__: Any) -> None:
        torch.empty(1 << 50)

    monkeypatch.setattr("hexacoder_trainer.objective.loss_sums", allocate)
    with pytest.raises(RuntimeError) as caught:
        run(run_file())
    assert explain(caught.value).code == "out-of-memory"
