"""Whole runs on a miniature model: what they leave, how they resume, how they fail."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from hexacoder_trainer import events
from hexacoder_trainer.checkpoint import newest_checkpoint
from hexacoder_trainer.config import read_run_file
from hexacoder_trainer.errors import EXIT_STATUS, TrainerError
from hexacoder_trainer.train import train

from .conftest import make_rows, write_rows

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


def test_a_run_lowers_the_loss_and_leaves_a_folder_that_peft_loads(run_file: RunFile, base: Path) -> None:
    path = run_file(epochs=5)
    seen = run(path)
    evals = [event for event in seen if event.event == "eval"]
    assert evals[-1].loss < 0.8 * evals[0].loss
    assert kinds(seen)[0] == "start"
    assert [event.step for event in seen if event.event == "step"] == list(range(1, 26))
    finished = seen[-1]
    assert (finished.event, finished.step) == ("finished", 25)
    assert finished.eval_loss == min(event.loss for event in evals)

    out = path.parent / "adapter"
    names = {item.name for item in out.iterdir()}
    assert names == {
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "trainer_state.json",
    }
    from peft import PeftModel
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), str(out))
    assert sum("lora_B" in name and float(weight.abs().sum()) > 0 for name, weight in model.named_parameters()) == 8
    assert AutoTokenizer.from_pretrained(out).is_fast
    card = (out / "README.md").read_text(encoding="utf-8")
    assert seen[0].data_hash in card
    assert str(base) not in card, "a card must not carry somebody's paths"


def test_the_start_event_counts_what_is_learned(run_file: RunFile) -> None:
    first = run(run_file(maxSteps=1))[0]
    assert (first.train_rows, first.eval_rows, first.steps) == (20, 5, 1)
    assert 0 < first.learning_tokens < first.tokens
    assert first.target_modules == ["k_proj", "o_proj", "q_proj", "v_proj"]
    assert first.trainable_params == 2 * (2 * 4 * (32 + 32) + 2 * 4 * (32 + 16))


def test_the_same_run_twice_is_the_same_and_another_seed_is_not(run_file: RunFile) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        run(run_file(out=name, seed=seed, maxSteps=3))
    folder = run_file().parent
    for file in ("adapter_model.safetensors", "adapter_config.json"):
        assert (folder / "a" / file).read_bytes() == (folder / "b" / file).read_bytes()
    with pytest.raises(AssertionError):
        assert_same_adapter(folder / "a", folder / "c")


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
    stdout, _ = process.communicate(timeout=60)
    *_, saved, failed = [events.from_json(line) for line in stdout.splitlines()]
    assert (saved.event, failed.code, process.returncode) == ("saved", "interrupted", 130)
    assert Path(saved.path).is_dir()


def test_a_full_disk_is_one_paragraph_and_loses_no_checkpoint(run_file: RunFile) -> None:
    import resource

    def small_files_only() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))

    process = start(run_file(epochs=3), preexec_fn=small_files_only)
    stdout, stderr = process.communicate(timeout=60)
    failed = events.from_json(stdout.splitlines()[-1])
    assert (failed.code, process.returncode) == ("disk-full", EXIT_STATUS["disk-full"])
    assert "Traceback" not in stderr
    checkpoints = run_file().parent / "adapter" / "checkpoints"
    assert newest_checkpoint(checkpoints) is None
    assert list(checkpoints.iterdir()) == []


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


def leave_a_run(run_file: RunFile, monkeypatch: pytest.MonkeyPatch, state: str) -> None:
    path = run_file(maxSteps=5, saveEverySteps=2)
    if state == "finished":
        run(path)
        return
    with monkeypatch.context() as patch:
        patch.setattr("hexacoder_trainer.train.export_adapter", raiser(RuntimeError("cut")))
        with pytest.raises(RuntimeError):
            run(path)


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


def test_keep_best_exports_the_lowest_and_else_the_last(run_file: RunFile) -> None:
    changes = {"epochs": 4, "learningRate": 1.0, "schedule": "constant", "gradClip": None, "warmupRatio": 0.0}
    best = run(run_file(out="best", **changes))
    last = run(run_file(out="last", keepBest=False, **changes))
    losses = {event.step: event.loss for event in best if event.event == "eval"}
    assert best[-1].best_step == min(losses, key=lambda step: losses[step])
    assert best[-1].eval_loss == min(losses.values())
    assert (last[-1].best_step, last[-1].eval_loss) == (20, losses[20])


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


def test_without_evaluation_rows_there_is_no_evaluation(run_file: RunFile) -> None:
    seen = run(run_file(maxSteps=2, data={"train": "train.jsonl", "eval": None}, evalPerEpoch=None, keepBest=False))
    assert "eval" not in kinds(seen)
    assert seen[-1].eval_loss is None


def test_the_unmasked_loss_learns_more_tokens_than_the_masked(run_file: RunFile) -> None:
    masked, whole = (run(run_file(out=loss, loss=loss, maxSteps=1))[0] for loss in ("masked", "unmasked"))
    assert masked.learning_tokens < whole.learning_tokens == whole.tokens - whole.train_rows


def test_gradient_checkpointing_changes_memory_not_the_result(run_file: RunFile) -> None:
    for name, on in (("plain", False), ("checkpointed", True)):
        run(run_file(out=name, gradientCheckpointing=on, maxSteps=3))
    folder = run_file().parent
    assert_same_adapter(folder / "plain", folder / "checkpointed")


def test_a_base_in_bfloat16_gets_an_adapter_in_float32(run_file: RunFile) -> None:
    seen = run(run_file(dtype="bfloat16", maxSteps=4))
    assert (seen[0].dtype, seen[-1].event) == ("bfloat16", "finished")
    adapter = weights(run_file().parent / "adapter")
    assert {weight.dtype for weight in adapter.values()} == {torch.float32}


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


REPLAY = {"data": {"train": "train.jsonl", "eval": "eval.jsonl", "replay": "replay.jsonl"}, "replayShare": 0.5}


def write_replay(path: Path, *texts: str) -> None:
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")


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

    monkeypatch.setattr("hexacoder_trainer.stepper.loss_sums", allocate)
    with pytest.raises(RuntimeError) as caught:
        run(run_file())
    assert explain(caught.value).code == "out-of-memory"
