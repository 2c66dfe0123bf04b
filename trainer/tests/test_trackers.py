"""Curves for TensorBoard, for real; and what is said where a tracker or a device is not there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from hexacoder_trainer.accelerated import check_acceleration
from hexacoder_trainer.config import read_run_file
from hexacoder_trainer.errors import TrainerError
from hexacoder_trainer.packages import require_package

from .support import RunFile, fails, raiser, run


def curves(out: Path) -> dict[str, list[tuple[int, float]]]:
    """What TensorBoard would draw."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    read = EventAccumulator(str(out / "tensorboard"), size_guidance={"scalars": 0}).Reload()
    return {name: [(scalar.step, scalar.value) for scalar in read.Scalars(name)] for name in read.Tags()["scalars"]}


def test_tensorboard_has_the_losses_of_the_events(run_file: RunFile) -> None:
    path = run_file(reportTo=["tensorboard"], maxSteps=6)
    seen = run(path)
    shown = curves(path.parent / "adapter")
    for name, kind in (("train/loss", "step"), ("eval/loss", "eval")):
        told = [(event.step, pytest.approx(event.loss, rel=1e-6)) for event in seen if event.event == kind]
        assert shown[name] == told
    assert set(shown) == {
        "train/loss", "train/learning_rate", "train/gradient_norm", "train/tokens_per_second", "eval/loss",
    }  # fmt: skip


def test_a_resumed_run_goes_on_with_its_curve(run_file: RunFile, monkeypatch: pytest.MonkeyPatch) -> None:
    path = run_file(reportTo=["tensorboard"], maxSteps=5, saveEverySteps=3)
    with monkeypatch.context() as patch:
        patch.setattr("hexacoder_trainer.train.export_adapter", raiser(RuntimeError("cut")))
        with pytest.raises(RuntimeError):
            run(path)
    run(path)
    assert [step for step, _ in curves(path.parent / "adapter")["train/loss"]] == [1, 2, 3, 4, 5]


def test_nothing_is_loaded_or_written_where_none_is_asked_for(run_file: RunFile) -> None:
    path = run_file(maxSteps=1)
    run(path)
    assert not (path.parent / "adapter" / "tensorboard").exists()


@pytest.mark.parametrize("name", ["tensorboard", "wandb"])
def test_a_tracker_that_is_not_installed_is_told_at_once_with_the_command_that_installs_it(
    run_file: RunFile, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr("hexacoder_trainer.packages.find_spec", lambda _: None)
    # The base is not there either: what is missing is told before it would be read.
    error = fails(run_file(reportTo=[name], base="no/such-model"))
    assert (error.code, error.exit_status) == ("package-missing", 3)
    assert f"pip install {name}==" in error.remedy


def test_a_tracker_that_cannot_begin_is_one_paragraph(run_file: RunFile, tmp_path: Path) -> None:
    (tmp_path / "adapter").mkdir()
    (tmp_path / "adapter" / "tensorboard").write_text("in the way", encoding="utf-8")
    error = fails(run_file(reportTo=["tensorboard"]))
    assert error.code == "tracker-failed"
    assert "tensorboard could not begin" in error.message


def test_a_package_that_is_there_is_let_pass() -> None:
    require_package("torch", "torch", "this test")


@pytest.mark.parametrize("change", [{"quantize": "4bit"}, {"liger": True}])
def test_what_needs_a_gpu_is_refused_without_one(run_file: RunFile, change: dict[str, Any]) -> None:
    error = fails(run_file(device="cpu", base="no/such-model", **change))
    assert (error.code, error.exit_status) == ("device-not-found", 3)
    assert "CUDA" in error.message


@pytest.mark.parametrize(
    ("change", "package"), [({"quantize": "4bit"}, "bitsandbytes"), ({"liger": True}, "liger-kernel")]
)
def test_on_a_gpu_a_package_that_is_missing_is_named(
    run_file: RunFile, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], package: str
) -> None:
    monkeypatch.setattr("hexacoder_trainer.packages.find_spec", lambda _: None)
    with pytest.raises(TrainerError) as caught:
        check_acceleration(read_run_file(run_file(**change)), torch.device("cuda"))
    assert caught.value.code == "package-missing"
    assert package in caught.value.remedy


def test_a_sharded_base_cannot_be_in_four_bits(run_file: RunFile) -> None:
    assert "take one of the two" in fails(run_file(fsdp=True, quantize="4bit")).message
