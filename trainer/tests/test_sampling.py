"""Drawing tokens: the right distribution, the right nucleus, and nobody else's randomness."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from hexacoder_trainer import sampling
from hexacoder_trainer.sampling import Draw, sample, uniform


def reference(logits: list[float], draw: Draw) -> int:
    """One row, with a sort and a loop."""
    if draw.temperature == 0:
        return int(np.argmax(logits))
    scaled = np.asarray(logits, dtype=np.float64) / draw.temperature
    weights = np.exp(scaled - scaled.max())
    weights /= weights.sum()
    kept, mass = [], 0.0
    for token in np.argsort(-weights, kind="stable"):
        kept.append(int(token))
        mass += weights[token]
        if mass >= draw.top_p:
            break
    goal = draw.uniform * sum(weights[token] for token in kept)
    reached = 0.0
    for token in sorted(kept):
        reached += weights[token]
        if reached > goal:
            return token
    return max(kept)


rows = st.lists(
    st.tuples(
        st.integers(0, 2**32),
        st.sampled_from([0.0, 0.2, 0.4, 1.0, 3.0]),
        st.sampled_from([0.1, 0.5, 0.9, 0.95, 1.0]),
        st.floats(0.01, 0.99),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=150, deadline=None)
@given(rows=rows, vocabulary=st.sampled_from([3, 50, 300]))
def test_sampling_agrees_with_a_plain_loop(rows: list[tuple[int, float, float, float]], vocabulary: int) -> None:
    logits = np.stack([np.random.default_rng(seed).normal(0, 3, vocabulary) for seed, *_ in rows])
    draws = [Draw(*rest) for _, *rest in rows]
    got = sample(torch.tensor(logits, dtype=torch.float32), draws)
    assert got == [reference(row.tolist(), draw) for row, draw in zip(logits, draws, strict=True)]


@pytest.mark.parametrize("top_p", [1.0, 0.999])
def test_frequencies_follow_the_distribution(top_p: float) -> None:
    logits = torch.tensor([0.0, 1.0, 2.0, -1.0])
    count = 20_000
    draws = [Draw(1.0, top_p, uniform(11, choice, 0)) for choice in range(count)]
    got = np.bincount(sample(logits.expand(count, -1), draws), minlength=4) / count
    assert got == pytest.approx(logits.softmax(0).numpy(), abs=0.015)


def test_a_flat_row_beside_a_peaked_one_still_gets_its_whole_nucleus(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "_HEAD", 4)
    flat, peaked = torch.zeros(100), torch.full((100,), -20.0)
    peaked[7] = 10.0
    draws = [Draw(1.0, 0.95, 0.99), Draw(1.0, 0.95, 0.99)]
    assert sample(torch.stack([flat, peaked]), draws)[1] == 7
    assert sample(torch.stack([flat, peaked]), draws)[0] > 50


def test_the_numbers_are_uniform_and_differ_by_seed_choice_and_position() -> None:
    numbers = np.array([uniform(seed, choice, at) for seed in range(20) for choice in range(20) for at in range(20)])
    assert len(set(numbers)) == len(numbers)
    assert 0 <= numbers.min() < 0.001 < 0.999 < numbers.max() < 1
    assert np.histogram(numbers, bins=10, range=(0, 1))[0] == pytest.approx(800, abs=120)


def test_extreme_logits_do_not_break_a_row() -> None:
    logits = torch.tensor([[1e4, -1e4, 0.0], [float("-inf"), 0.0, float("-inf")]])
    assert sample(logits, [Draw(0.01, 0.9, 0.999), Draw(1.0, 1.0, 0.0)]) == [0, 1]
