"""Runs that are killed, stopped, finished or changed, and then resumed."""

from __future__ import annotations

import json
import random
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest
from safetensors.torch import load_file

from hexacoder_trainer import events
from hexacoder_trainer.checkpoint import newest_checkpoint

from .support import (
    RunFile,
    assert_same_adapter,
    fails,
    kinds,
    leave_a_run,
    raiser,
    run,
    start,
    wait_for_step,
)


def test_a_run_killed_twice_and_resumed_ends_as_one_that_was_not(run_file: RunFile) -> None:
    run(run_file(name="whole.json", out="whole", epochs=20, saveEverySteps=4))
    path = run_file(out="killed", epochs=20, saveEverySteps=4)
    steps = sorted(random.SystemRandom().sample(range(5, 60), 2))
    for step in steps:
        process = start(path)
        wait_for_step(process, step)
        process.kill()
        process.communicate()
    assert newest_checkpoint(path.parent / "killed" / "checkpoints") is not None
    seen = run(path)
    resumed = [event.step for event in seen if event.event == "resumed"]
    assert resumed and resumed[0] >= 4, f"killed at {steps}"
    assert (seen[-1].event, seen[-1].step) == ("finished", 100)
    assert_same_adapter(path.parent / "whole", path.parent / "killed")
    states = [json.loads((path.parent / name / "trainer_state.json").read_text()) for name in ("whole", "killed")]
    assert [event["step"] for event in states[0]["evals"]] == [event["step"] for event in states[1]["evals"]]
    assert states[0]["evalLoss"] == pytest.approx(states[1]["evalLoss"], abs=1e-6)


def test_a_signal_saves_the_step_and_ends_with_130(run_file: RunFile) -> None:
    path = run_file(epochs=500, saveEverySteps=100_000)
    process = start(path)
    wait_for_step(process, 3)
    process.send_signal(signal.SIGTERM)
    stdout, _ = process.communicate(timeout=600)
    *_, saved, failed = [events.from_json(line) for line in stdout.splitlines()]
    assert (saved.event, failed.code, process.returncode) == ("saved", "interrupted", 130)
    assert Path(saved.path).is_dir()


def test_a_finished_run_that_is_resumed_only_says_so(run_file: RunFile) -> None:
    path = run_file(maxSteps=3)
    first = run(path)[-1]
    before = (path.parent / "adapter" / "adapter_model.safetensors").stat().st_mtime_ns
    (again,) = run(path)
    assert (again.event, again.step, again.eval_loss) == ("finished", 3, first.eval_loss)
    assert (path.parent / "adapter" / "adapter_model.safetensors").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"learningRate": 0.02}, "learningRate was 0.01 and is 0.02"),
        ({"lora": {"rank": 2, "alpha": 8, "dropout": 0.1, "targetModules": None, "bias": "none"}}, "lora was"),
        ({"data": {"train": "eval.jsonl", "eval": "train.jsonl"}}, "the data files have changed"),
    ],
)
@pytest.mark.parametrize("state", ["finished", "halfway"])
def test_resuming_another_run_is_refused_with_its_differences(
    run_file: RunFile, monkeypatch: pytest.MonkeyPatch, state: str, changes: dict[str, Any], said: str
) -> None:
    leave_a_run(run_file, monkeypatch, state)
    error = fails(run_file(**{"maxSteps": 5, "saveEverySteps": 2, **changes}))
    assert error.code == "resume-mismatch"
    assert said in error.message


def test_settings_that_do_not_change_the_result_may_change_when_resuming(
    run_file: RunFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_a_run(run_file, monkeypatch, "halfway")
    seen = run(run_file(maxSteps=5, saveEverySteps=1, microBatchSize=2, threads=2))
    assert kinds(seen)[1] == "resumed"
    assert seen[-1].step == 5


def test_a_retrained_base_is_another_base(run_file: RunFile, base: Path, tmp_path: Path) -> None:
    copy = tmp_path / "base"
    shutil.copytree(base, copy)
    path = run_file(base="base", maxSteps=2)
    run(path)
    tensors = load_file(copy / "model.safetensors")
    from safetensors.torch import save_file

    save_file({name: tensor * 1.5 for name, tensor in tensors.items()}, copy / "model.safetensors", {"format": "pt"})
    assert "the base model is another one" in fails(path).message


def test_without_resume_a_used_folder_is_left_alone(run_file: RunFile) -> None:
    run(run_file(maxSteps=2))
    assert fails(run_file(maxSteps=2, resume=False)).code == "out-exists"


def test_two_trainers_do_not_share_a_folder(run_file: RunFile) -> None:
    from hexacoder_trainer.guard import owned
    from hexacoder_trainer.parallel import Ranks

    path = run_file(maxSteps=1)
    with owned(path.parent / "adapter", Ranks()):
        assert fails(path).code == "out-busy"
    assert run(path)[-1].event == "finished"


def test_a_damaged_checkpoint_names_itself(run_file: RunFile, monkeypatch: pytest.MonkeyPatch) -> None:
    leave_a_run(run_file, monkeypatch, "halfway")
    path = run_file(maxSteps=5, saveEverySteps=2)
    newest = newest_checkpoint(path.parent / "adapter" / "checkpoints")
    assert newest is not None
    (newest / "optimizer.pt").write_bytes(b"junk")
    error = fails(path)
    assert error.code == "resume-mismatch"
    assert str(newest) in error.message


def test_an_interrupted_write_leaves_no_checkpoint_and_no_litter(
    run_file: RunFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = run_file(maxSteps=5, saveEverySteps=2)
    with monkeypatch.context() as patch:
        patch.setattr(
            "hexacoder_trainer.checkpoint.torch.save", lambda *_: (_ for _ in ()).throw(OSError(28, "full"))
        )
        with pytest.raises(OSError, match="full"):
            run(path)
    checkpoints = path.parent / "adapter" / "checkpoints"
    (checkpoints / ".writing-step-9").mkdir()
    assert newest_checkpoint(checkpoints) is None
    assert list(checkpoints.iterdir()) == []
    assert run(path)[-1].step == 5


def test_patience_ends_a_run_that_gets_no_better_and_a_resumed_one_at_the_same_step(
    run_file: RunFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {"epochs": 40, "learningRate": 0.3, "schedule": "constant", "patience": 2, "saveEverySteps": 3}
    seen = run(run_file("whole.json", out="whole", **settings))
    evals = [event for event in seen if event.event == "eval"]
    assert [event.best for event in evals[-2:]] == [False, False]
    assert evals[-3].best
    assert (seen[-1].event, seen[-1].step) == ("finished", evals[-1].step)
    assert seen[-1].step < seen[0].steps
    path = run_file(out="cut", **settings)
    with monkeypatch.context() as patch:
        patch.setattr("hexacoder_trainer.train.export_adapter", raiser(RuntimeError("cut")))
        with pytest.raises(RuntimeError):
            run(path)
    assert run(path)[-1].step == seen[-1].step
    assert_same_adapter(path.parent / "whole", path.parent / "cut")
