"""Two processes on this machine (gloo) against one: the same steps, the same adapter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hexacoder_trainer import events
from hexacoder_trainer.parallel import Ranks, launched

from .conftest import make_rows, write_rows
from .support import TRAINER, RunFile, assert_same_adapter, fails, run
from .test_preference import paired_rows


def launch(arguments: list[str], processes: int = 2) -> subprocess.CompletedProcess[str]:
    """Starts a program in several processes with torchrun."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PYTHONPATH": str(TRAINER)}
    return subprocess.run(
        [*command, *arguments], cwd=TRAINER, env=environment, capture_output=True, text=True, timeout=900, check=False
    )


def run_together(path: Path) -> tuple[int, list[Any]]:
    """Trains with torchrun and returns its status and the events."""
    done = launch(["-m", "hexacoder_trainer", "train", str(path)])
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


def test_two_processes_that_share_the_base_follow_one_that_has_it_all(run_file: RunFile, tmp_path: Path) -> None:
    # Seven rows in twos are four micro-batches, and three for the evaluation: uneven, so that one process waits.
    settings = {"epochs": 2, "batchSize": 7, "microBatchSize": 2, "saveEverySteps": 2, "loss": "dpo", "strength": 0.5}
    paths = [run_file(f"{out}.json", out=out, fsdp=out == "two", **settings) for out in ("one", "two")]
    write_rows(tmp_path / "train.jsonl", paired_rows(14))
    write_rows(tmp_path / "eval.jsonl", paired_rows(5, salt="e"))
    one = run(paths[0])
    status, two = run_together(paths[1])
    assert status == 0
    for kind in ("step", "eval"):
        losses = [[event.loss for event in seen if event.event == kind] for seen in (one, two)]
        assert losses[0] == pytest.approx(losses[1], abs=1e-5)
    assert two[0].total_params == one[0].total_params
    assert two[-1].eval_loss == pytest.approx(one[-1].eval_loss, abs=1e-5)
    assert_same_adapter(tmp_path / "one", tmp_path / "two")


SHARES = """
import json, sys, torch
from pathlib import Path
from hexacoder_trainer.attach import with_adapter
from hexacoder_trainer.config import read_run_file
from hexacoder_trainer.model import load_base
from hexacoder_trainer.parallel import joined, launched
from hexacoder_trainer.sharding import shard_base

config, ranks, device = read_run_file(Path(sys.argv[1])), launched(sharded=True), torch.device("cpu")
with joined(ranks, device):
    model = with_adapter(load_base(config.base, device, torch.float32), config)
    whole = sum(weight.numel() for weight in model.parameters() if not weight.requires_grad)
    shard_base(model, device, ranks)
    held = sum(weight.to_local().numel() for weight in model.parameters() if not weight.requires_grad)
    sys.stdout.write(json.dumps({"whole": whole, "held": held}) + "\\n")
"""


def test_each_process_holds_half_of_the_base(run_file: RunFile, tmp_path: Path) -> None:
    program = tmp_path / "shares.py"
    program.write_text(SHARES, encoding="utf-8")
    done = launch([str(program), str(run_file())])
    assert done.returncode == 0, done.stderr
    for line in done.stdout.splitlines():
        shares = json.loads(line)
        assert shares["held"] == pytest.approx(shares["whole"] / 2, rel=0.02)


def test_parameters_that_are_adapted_as_such_are_not_shared_out(run_file: RunFile) -> None:
    lora = {"rank": 4, "alpha": 8, "dropout": 0, "targetModules": None, "targetParameters": ["w"], "bias": "none"}
    assert "lora.targetParameters" in fails(run_file(fsdp=True, lora=lora)).message


def test_what_is_wrong_is_told_by_the_processes_as_by_one(run_file: RunFile) -> None:
    status, seen = run_together(run_file(base="no/such-model"))
    assert status != 0
    assert {event.code for event in seen} == {"base-not-found"}


def test_without_a_launcher_there_is_one_process(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "WORLD_SIZE", "LOCAL_RANK"):
        monkeypatch.delenv(name, raising=False)
    assert launched() == Ranks(0, 1, 0)
    assert launched().total([1.5, 2.0]) == [1.5, 2.0]
