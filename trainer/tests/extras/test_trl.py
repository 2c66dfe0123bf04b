"""Preference training against TRL's, step by step: python -m pytest -m extras (needs the extra "trl")."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from hexacoder_trainer.config import read_run_file
from hexacoder_trainer.guard import Interruption
from hexacoder_trainer.labels import Labelled
from hexacoder_trainer.parallel import Ranks
from hexacoder_trainer.prepare import prepare
from hexacoder_trainer.train import Run

from ..conftest import write_rows
from ..test_preference import paired_rows

pytestmark = pytest.mark.extras

PAIRS, STEPS, RATE, BETA = 6, 5, 0.003, 0.3


def as_trl_has_it(pair: Labelled, shared: int) -> dict[str, Any]:
    """A pair as TRL's collator takes it, with a prompt of so many tokens."""
    assert pair.twin is not None
    fixed, vulnerable = pair.tokens.tolist(), pair.twin.tokens.tolist()
    assert fixed[:shared] == vulnerable[:shared]
    return {"prompt_ids": fixed[:shared], "chosen_ids": fixed[shared:], "rejected_ids": vulnerable[shared:]}


def trl_losses(model: Any, tokenizer: Any, pairs: list[Labelled], out: Path) -> list[float]:
    """The loss of each step, in which all pairs are."""
    from datasets import Dataset
    from trl import DPOConfig, DPOTrainer

    settings = DPOConfig(
        output_dir=str(out), beta=BETA, learning_rate=RATE, max_steps=STEPS, per_device_train_batch_size=PAIRS,
        lr_scheduler_type="constant", warmup_steps=0, weight_decay=0.001, max_grad_norm=1.0, max_length=128,
        logging_steps=1, save_strategy="no", report_to=[], use_cpu=True, bf16=False, gradient_checkpointing=False,
        disable_tqdm=True,
    )  # fmt: skip
    # A pair's first token is all that both sides share for sure: TRL counts more of them than we do.
    rows = [as_trl_has_it(pair, 1) for pair in pairs]
    texts = [{"prompt": "a", "chosen": "b", "rejected": "c"}] * PAIRS
    trainer = DPOTrainer(
        model=model, args=settings, train_dataset=Dataset.from_list(texts), processing_class=tokenizer
    )
    trainer.train_dataset = Dataset.from_list(rows)
    trainer.train()
    return [entry["loss"] for entry in trainer.state.log_history if "loss" in entry]


def test_the_steps_are_those_of_trl(run_file: Callable[..., Path], tmp_path: Path, tokenizer: Any) -> None:
    path = run_file(
        loss="dpo", beta=BETA, learningRate=RATE, maxSteps=STEPS, batchSize=PAIRS, maxLength=128, epochs=STEPS,
        saveEverySteps=100, schedule="constant", warmupRatio=0, evalPerEpoch=None, keepBest=False,
        data={"train": "train.jsonl", "eval": None},
    )  # fmt: skip
    write_rows(tmp_path / "train.jsonl", paired_rows(PAIRS))
    config = read_run_file(path)
    prepared = prepare(config, lambda _: None, Ranks())
    losses: list[float] = []
    ours = Run(prepared, Ranks())
    ours.train_steps(lambda step: losses.append(step.loss), Interruption())

    fresh = prepare(dataclasses.replace(config, out=str(tmp_path / "again")), lambda _: None, Ranks())
    torch.set_num_threads(1)
    theirs = trl_losses(Run(fresh, Ranks()).adapted, tokenizer, list(fresh.train_rows.rows), tmp_path / "trl")
    assert len(losses) == len(theirs) == STEPS
    assert losses[-1] < losses[0] - 0.1, "without a fall there is nothing to compare"
    assert losses[0] == pytest.approx(theirs[0], abs=1e-6)
    assert losses == pytest.approx(theirs, abs=1e-5)
