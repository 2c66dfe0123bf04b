"""What else may be learned, or less: whole rows, replay, unlikelihood, a part of the change."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from .conftest import make_rows, write_rows
from .support import (
    REPLAY,
    RunFile,
    assert_same_adapter,
    fails,
    raiser,
    run,
    weights,
    write_replay,
)


def test_the_unmasked_loss_learns_more_tokens_than_the_masked(run_file: RunFile) -> None:
    masked, whole = (run(run_file(out=loss, loss=loss, maxSteps=1))[0] for loss in ("masked", "unmasked"))
    assert masked.learning_tokens < whole.learning_tokens == whole.tokens - whole.train_rows


def test_strength_goes_a_part_of_the_way_and_tells_the_loss_there(run_file: RunFile) -> None:
    whole = run(run_file("whole.json", out="whole"))[-1]
    half = run(run_file("half.json", out="half", strength=0.5))[-1]
    none = run(run_file("none.json", out="none", strength=0))[-1]
    assert whole.eval_loss < half.eval_loss < none.eval_loss
    all_of_it, a_half = weights(Path(whole.path)), weights(Path(half.path))
    for name, weight in all_of_it.items():
        expected = weight * 0.5 if "lora_B" in name else weight
        assert torch.allclose(a_half[name], expected, atol=1e-6), name


def test_unlikelihood_holds_back_what_the_vulnerable_side_shows(run_file: RunFile, tmp_path: Path) -> None:
    run_file()
    # The same call on both sides: what the fix teaches, the vulnerable side unteaches.
    rows = [{**row, "vulnerable": {"text": row["text"], "changes": row["changes"]}} for row in make_rows(20)]
    write_rows(tmp_path / "train.jsonl", rows)
    settings = {"epochs": 12, "keepBest": False, "learningRate": 0.05}
    plain, avoiding = (run(run_file(f"{arm}.json", out=str(arm), unlikelihood=arm, **settings)) for arm in (0, 3))
    ends = 20  # that a program ends where it does is learned, but never unlearned
    assert (plain[0].avoided_tokens, avoiding[0].avoided_tokens) == (0, avoiding[0].learning_tokens - ends)
    assert avoiding[-1].eval_loss > 1.1 * plain[-1].eval_loss


def test_unlikelihood_without_a_vulnerable_side_is_refused(run_file: RunFile) -> None:
    assert "vulnerable side" in fails(run_file(unlikelihood=1)).message


def test_replay_teaches_what_the_fixes_do_not_show(run_file: RunFile, tmp_path: Path) -> None:
    benign = "def add(a, b):\n    return a + b\n"
    write_replay(tmp_path / "replay.jsonl", benign, benign + "\n")
    plain = run(run_file("plain.json", out="plain", epochs=8))
    mixed = run(run_file("mixed.json", out="mixed", epochs=8, **REPLAY))
    assert (plain[0].replay_rows, mixed[0].replay_rows) == (0, 20)
    assert mixed[0].steps == 2 * plain[0].steps
    write_rows(tmp_path / "eval.jsonl", [{**make_rows(1)[0], "text": benign, "changes": [{"start": 0, "end": 31}]}])
    seen = [run(run_file(f"{out}-eval.json", out=f"{out}-eval", **arm)) for out, arm in (("a", {}), ("b", REPLAY))]
    assert seen[1][-1].eval_loss < 0.8 * seen[0][-1].eval_loss


def test_a_run_with_replay_that_is_cut_short_ends_as_one_that_was_not(
    run_file: RunFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_replay(tmp_path / "replay.jsonl", *(f"x{n} = {n}\n" * (n + 1) for n in range(7)))
    arm = {**REPLAY, "epochs": 2, "saveEverySteps": 3}
    run(run_file("whole.json", out="whole", **arm))
    path = run_file(out="cut", **arm)
    with monkeypatch.context() as patch:
        patch.setattr("hexacoder_trainer.train.export_adapter", raiser(RuntimeError("cut")))
        with pytest.raises(RuntimeError):
            run(path)
    assert [event.step for event in run(path) if event.event == "resumed"] == [18]
    assert_same_adapter(tmp_path / "whole", tmp_path / "cut")
    write_replay(tmp_path / "replay.jsonl", "y = 2\n")
    assert "the data files have changed" in fails(path).message
