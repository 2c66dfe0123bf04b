"""Whole runs on a miniature model: what they leave, and which adapter is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from .support import (
    RunFile,
    assert_same_adapter,
    kinds,
    run,
    weights,
)


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


def test_keep_best_exports_the_lowest_and_else_the_last(run_file: RunFile) -> None:
    changes = {"epochs": 4, "learningRate": 1.0, "schedule": "constant", "gradClip": None, "warmupRatio": 0.0}
    best = run(run_file(out="best", **changes))
    last = run(run_file(out="last", keepBest=False, **changes))
    losses = {event.step: event.loss for event in best if event.event == "eval"}
    assert best[-1].best_step == min(losses, key=lambda step: losses[step])
    assert best[-1].eval_loss == min(losses.values())
    assert (last[-1].best_step, last[-1].eval_loss) == (20, losses[20])


def test_without_evaluation_rows_there_is_no_evaluation(run_file: RunFile) -> None:
    seen = run(run_file(maxSteps=2, data={"train": "train.jsonl", "eval": None}, evalPerEpoch=None, keepBest=False))
    assert "eval" not in kinds(seen)
    assert seen[-1].eval_loss is None


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
