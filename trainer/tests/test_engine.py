"""The decoding thread: everybody is answered, whatever happens to one of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM

from hexacoder_trainer.decode import Sampled
from hexacoder_trainer.engine import Engine, Job
from hexacoder_trainer.errors import TrainerError
from hexacoder_trainer.text import StopFinder, TextDecoder


class Moody:
    """A model that fails when it is told to."""

    def __init__(self, base: Any) -> None:
        self.base, self.config, self.device = base, base.config, base.device
        self.failure: Exception | None = None
        self.passes = 0

    def forward(self, logits_to_keep: int = 0) -> None: ...

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        self.passes += 1
        if self.failure is not None and self.passes > 3:
            raise self.failure
        return self.base(*arguments, **options)


@pytest.fixture
def moody(base: Path) -> Moody:
    return Moody(AutoModelForCausalLM.from_pretrained(base).eval())


@pytest.fixture
def engine(moody: Moody, tokenizer: Any) -> Iterator[Engine]:
    models = {"base": moody, "other": moody}
    engine = Engine(models, TextDecoder(tokenizer), frozenset(), max_batch=4, threads=1)
    engine.start()
    yield engine
    engine.stop()


def job(tokenizer: Any, model: str = "base", count: int = 6, max_tokens: int = 8) -> Job:
    stops = StopFinder(TextDecoder(tokenizer), [])
    rows = [Sampled((5, 6, 7 + at), max_tokens, 1.0, 1.0, 3, at, stops) for at in range(count)]
    return Job(model, rows)


def test_more_sequences_than_places_are_all_written(engine: Engine, tokenizer: Any) -> None:
    jobs = [job(tokenizer, model) for model in ("base", "other", "base")]
    for one in jobs:
        engine.submit(one)
    for one in jobs:
        one.done.result(timeout=30)
        assert [len(row.tokens) for row in one.sequences] == [8] * 6
    assert [row.tokens for row in jobs[0].sequences] == [row.tokens for row in jobs[1].sequences]
    assert engine.load == {"active": 0, "waiting": 0}


@pytest.mark.parametrize("failing_pass", ["prefill", "step"])
@pytest.mark.parametrize(
    ("failure", "code"),
    [(torch.OutOfMemoryError("CUDA out of memory"), "out-of-memory"), (RuntimeError("bug"), "internal-error")],
)
def test_a_failure_is_answered_and_the_next_request_works(
    engine: Engine, moody: Moody, tokenizer: Any, failing_pass: str, failure: Exception, code: str
) -> None:
    moody.failure, moody.passes = failure, 9 if failing_pass == "prefill" else 1
    broken = job(tokenizer)
    engine.submit(broken)
    with pytest.raises(TrainerError) as caught:
        broken.done.result(timeout=30)
    assert caught.value.code == code
    moody.failure = None
    works = job(tokenizer)
    engine.submit(works)
    works.done.result(timeout=30)
    assert engine.load == {"active": 0, "waiting": 0}


def test_stopping_answers_those_who_wait(engine: Engine, tokenizer: Any) -> None:
    jobs = [job(tokenizer, count=8, max_tokens=100_000) for _ in range(2)]
    for one in jobs:
        engine.submit(one)
    engine.stop()
    for one in [*jobs, job(tokenizer)]:
        if one.open == 0:
            engine.submit(one)
        with pytest.raises(TrainerError, match="shutting down"):
            one.done.result(timeout=30)
