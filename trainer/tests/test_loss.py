"""The masked loss against a loop that anybody can check by eye."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from hexacoder_trainer.batches import collate
from hexacoder_trainer.labels import Labelled, Labeller
from hexacoder_trainer.loss import loss_sums
from hexacoder_trainer.model import takes_logits_to_keep
from hexacoder_trainer.rows import Example

from .architectures import ARCHITECTURES, other_architecture

TEXTS = [
    ("import os\n\ndef f(a):\n    return os.system(a)\n", [(0, 9), (31, 44)]),
    ("x = 1\n", [(4, 5)]),
    ("def run(name):\n    return subprocess.run(['ping', name], check=True)\n", [(19, 40), (60, 70)]),
    ("# 😀 日本語\nvalue = request.args['value']\n", [(2, 3), (20, 29)]),
]


@pytest.fixture(scope="module")
def model(base: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(base).eval()


@pytest.fixture(scope="module")
def rows(tokenizer: Any) -> list[Labelled]:
    return list(Labeller(tokenizer, 64, "masked").label([Example(str(i), t, s) for i, (t, s) in enumerate(TEXTS)]))


def plain_loop(model: Any, rows: list[Labelled]) -> tuple[float, int]:
    """Row by row, without padding, one learned token after the other."""
    total, count = 0.0, 0
    for row in rows:
        with torch.no_grad():
            logits = model(torch.tensor([row.tokens.tolist()])).logits[0].double()
        for at in range(1, len(row.tokens)):
            if row.learned[at]:
                total -= float(torch.log_softmax(logits[at - 1], dim=0)[int(row.tokens[at])])
                count += 1
    return total, count


@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize("pad", [0, 7])
def test_the_loss_equals_a_plain_loop(model: Any, rows: list[Labelled], sparse: bool, pad: int) -> None:
    batch = collate(rows, pad, torch.device("cpu"))
    wanted, count = plain_loop(model, rows)
    with torch.no_grad():
        loss = float(loss_sums(model, batch, sparse_logits=sparse).learned)
    assert int(batch.learned.sum()) == count
    assert loss / count == pytest.approx(wanted / count, abs=1e-6)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_what_follows_the_last_learned_token_has_no_part_in_the_loss(name: str, rows: list[Labelled]) -> None:
    model = other_architecture(name)
    sparse, device = takes_logits_to_keep(model), torch.device("cpu")
    assert sum(len(row.trimmed().tokens) for row in rows) < sum(len(row.tokens) for row in rows)
    with torch.no_grad():
        whole = loss_sums(model, collate(rows, 1, device), sparse_logits=sparse).learned
        trimmed = loss_sums(model, collate([row.trimmed() for row in rows], 1, device), sparse_logits=sparse).learned
    assert float(trimmed) == pytest.approx(float(whole), rel=1e-6)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_padding_is_invisible_to_any_causal_architecture(name: str, rows: list[Labelled]) -> None:
    model = other_architecture(name)
    batch = collate(rows, 1, torch.device("cpu"))
    wanted, count = plain_loop(model, rows)
    with torch.no_grad():
        loss = float(loss_sums(model, batch, sparse_logits=takes_logits_to_keep(model)).learned)
    assert loss / count == pytest.approx(wanted / count, abs=1e-5)


@pytest.mark.parametrize("size", [1, 2, 3])
def test_micro_batches_add_up_to_the_gradient_of_the_whole(model: Any, rows: list[Labelled], size: int) -> None:
    count = sum(int(row.learned.sum()) for row in rows)

    def gradient(cut: int) -> torch.Tensor:
        model.zero_grad()
        for start in range(0, len(rows), cut):
            batch = collate(rows[start : start + cut], 0, torch.device("cpu"))
            (loss_sums(model, batch, sparse_logits=True).learned / count).backward()
        return torch.cat([weight.grad.reshape(-1) for weight in model.parameters() if weight.grad is not None])

    assert torch.allclose(gradient(size), gradient(len(rows)), atol=1e-6)


def test_unlikelihood_of_the_vulnerable_side_equals_a_plain_loop(model: Any, tokenizer: Any) -> None:
    sides = [Example(str(i), text, spans) for i, (text, spans) in enumerate(TEXTS)]
    fixed = [dataclasses.replace(sides[0], vulnerable=side) for side in sides]
    twins = [row.twin for row in Labeller(tokenizer, 64, "masked", twins=True).label(fixed) if row.twin is not None]
    assert len(twins) == len(TEXTS)
    batch = collate(twins, 0, torch.device("cpu"))
    with torch.no_grad():
        sums = loss_sums(model, batch, sparse_logits=True)
    total = 0.0
    for row in twins:
        with torch.no_grad():
            likely = model(torch.tensor([row.tokens.tolist()])).logits[0].double().softmax(-1)
        for at in range(1, len(row.tokens)):
            if row.avoided[at]:
                total -= math.log(1 - float(likely[at - 1, int(row.tokens[at])]))
    assert float(sums.avoided) == pytest.approx(total, rel=1e-5)
    assert float(sums.learned) == 0


def test_a_token_that_is_certain_has_a_finite_unlikelihood() -> None:
    class Certain(torch.nn.Module):
        def forward(self, tokens: torch.Tensor, **_: Any) -> Any:
            return SimpleNamespace(logits=torch.nn.functional.one_hot(torch.ones_like(tokens), 3).float() * 1e4)

    marks = [False, True]
    row = Labelled("a", np.ones(2, np.int32), np.zeros(2, np.bool_), False, False, avoided=np.array(marks))
    sums = loss_sums(Certain(), collate([row], 0, torch.device("cpu")), sparse_logits=False)
    assert 10 < float(sums.avoided) < 20


@pytest.mark.parametrize("moved", [False, True])
def test_the_anchor_measures_how_far_the_adapter_moves_unlearned_tokens(
    base: Path, rows: list[Labelled], moved: bool
) -> None:
    adapted = get_peft_model(AutoModelForCausalLM.from_pretrained(base), LoraConfig(r=2)).eval()
    if moved:
        with torch.no_grad():
            for name, weight in adapted.named_parameters():
                if "lora_B" in name:
                    weight.fill_(0.05)
    batch = collate(rows, 0, torch.device("cpu"))
    with torch.no_grad():
        sums = loss_sums(adapted, batch, sparse_logits=True, anchored=True)
        wanted = loss_sums(adapted, batch, sparse_logits=True)
    assert float(sums.learned) == pytest.approx(float(wanted.learned), rel=1e-6)
    assert sums.drift is not None
    total = 0.0
    for row in rows:
        with torch.no_grad():
            tokens = torch.tensor([row.tokens.tolist()])
            now = adapted(tokens).logits[0].double().log_softmax(-1)
            with adapted.disable_adapter():
                before = adapted(tokens).logits[0].double().log_softmax(-1)
        for at in range(1, len(row.tokens)):
            if not row.learned[at]:
                total += float((before[at - 1].exp() * (before[at - 1] - now[at - 1])).sum())
    assert float(sums.drift) == pytest.approx(total, rel=1e-4, abs=1e-5)
    assert (total > 1e-3) == moved
