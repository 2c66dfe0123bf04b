"""Two processes on this machine (gloo) against one: the same steps, the same adapter."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hexacoder_trainer import events
from hexacoder_trainer.parallel import Ranks, launched

from .conftest import make_rows, write_rows
from .test_train import TRAINER, RunFile, assert_same_adapter, run


def run_together(path: Path, processes: int = 2) -> tuple[int, list[Any]]:
    """Trains with torchrun and returns its status and the events."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    done = subprocess.run(
        [*command, "-m", "hexacoder_trainer", "train", str(path)],
        cwd=TRAINER, env={**os.environ, "HF_HUB_OFFLINE": "1"}, capture_output=True, text=True, timeout=900,
        check=False,
    )  # fmt: skip
    return done.returncode, [events.from_json(line) for line in done.stdout.splitlines()]


def uneven_rows() -> list[dict[str, Any]]:
    """Rows whose learned tokens differ twentyfold, so that a mean of means would be wrong."""
    rows = make_rows(14)
    for row in rows[::3]:
        row["changes"] = [{"start": 8, "end": 10}]
    return rows


def test_two_processes_follow_one_with_the_same_global_batch(run_file: RunFile, tmp_path: Path) -> None:
    settings = {"epochs": 3, "batchSize": 6, "microBatchSize": 2, "saveEverySteps": 4, "anchor": 0.5}
    paths = [run_file(f"{out}.json", out=out, **settings) for out in ("one", "two")]
    write_rows(tmp_path / "train.jsonl", uneven_rows())
    one = run(paths[0])
    status, two = run_together(paths[1])
    assert status == 0
    assert (one[0].processes, two[0].processes) == (1, 2)
    for kind in ("step", "eval"):
        losses = [[event.loss for event in seen if event.event == kind] for seen in (one, two)]
        assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    assert two[-1].event == "finished"
    assert_same_adapter(tmp_path / "one", tmp_path / "two")
    assert not (tmp_path / "two" / "checkpoints").exists()


def test_what_is_wrong_is_told_by_the_processes_as_by_one(run_file: RunFile) -> None:
    status, seen = run_together(run_file(base="no/such-model"))
    assert status != 0
    assert {event.code for event in seen} == {"base-not-found"}


def test_without_a_launcher_there_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    assert launched() == Ranks(0, 1, 0)
    assert launched().total([1.5, 2.0]) == [1.5, 2.0]
