"""Order of the rows, steps, learning rate, evaluations: pure functions of (seed, step)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hexacoder_trainer.batches import batches_from, epoch_order, steps_an_epoch
from hexacoder_trainer.config import read_run_file
from hexacoder_trainer.labels import Labelled
from hexacoder_trainer.mixture import Mixture
from hexacoder_trainer.schedule import evaluates_after, learning_rate, total_steps


@given(
    lengths=st.lists(st.integers(1, 500), min_size=1, max_size=120),
    size=st.integers(1, 9),
    seed=st.integers(0, 2**40),
    epoch=st.integers(0, 5),
)
def test_an_epoch_has_every_row_once_in_the_announced_number_of_steps(
    lengths: list[int], size: int, seed: int, epoch: int
) -> None:
    batches = epoch_order(lengths, size, seed, epoch)
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    assert len(batches) == steps_an_epoch(len(lengths), size)
    assert max(len(batch) for batch in batches) <= size
    assert epoch_order(lengths, size, seed, epoch) == batches


def labelled(name: str, length: int) -> Labelled:
    return Labelled(
        name, np.zeros(length, np.int32), np.ones(length, np.bool_), False, False, np.zeros(length, np.bool_)
    )


def mixture(rows: int, replay: int = 0, share: float = 0.0, seed: int = 5) -> Mixture:
    return Mixture(
        [labelled(f"row {n}", n + 1) for n in range(rows)],
        [labelled(f"replay {n}", n + 1) for n in range(replay)],
        share,
        seed,
    )


@given(rows=st.integers(1, 60), size=st.integers(1, 8), step=st.integers(0, 40), replay=st.integers(0, 9))
def test_a_resumed_order_goes_on_where_it_was(rows: int, size: int, step: int, replay: int) -> None:
    mixed = mixture(rows, replay, 0.3 if replay else 0.0)
    whole = list(islice(batches_from(mixed, size, 5, 0), step + 10))
    assert list(islice(batches_from(mixed, size, 5, step), 10)) == whole[step:]


@given(rows=st.integers(20, 60), replay=st.integers(1, 40), share=st.floats(0.05, 0.8), number=st.integers(0, 5))
def test_an_epoch_has_every_training_row_once_and_its_share_of_replay(
    rows: int, replay: int, share: float, number: int
) -> None:
    mixed = mixture(rows, replay, share)
    names = [row.id for row in mixed.epoch(number)]
    benign = [name for name in names if name.startswith("replay")]
    assert sorted(set(names) - set(benign)) == sorted(row.id for row in mixed.rows)
    assert len(names) == mixed.rows_an_epoch
    assert abs(len(benign) - share * len(names)) <= 1


def test_replay_rows_come_equally_often_over_the_epochs_and_another_seed_has_another_order() -> None:
    mixed = mixture(rows=30, replay=7, share=0.25)
    assert mixed.replay_rows == 10
    seen = [row.id for number in range(7) for row in mixed.epoch(number)[30:]]
    assert {seen.count(row.id) for row in mixed.replay} == {10}
    other = mixture(rows=30, replay=7, share=0.25, seed=6)
    assert seen != [row.id for number in range(7) for row in other.epoch(number)[30:]]


def test_epochs_and_seeds_differ_and_batches_hold_rows_of_like_length() -> None:
    lengths = [(index * 37) % 400 for index in range(640)]
    first, second, other = (
        epoch_order(lengths, 16, 1, 0),
        epoch_order(lengths, 16, 1, 1),
        epoch_order(lengths, 16, 2, 0),
    )
    assert first != second != other
    padding = [
        max(lengths[row] for row in batch) * len(batch) - sum(lengths[row] for row in batch) for batch in first
    ]
    assert sum(padding) / sum(lengths) < 0.2


def test_the_rate_warms_up_and_then_falls_to_nothing(run_file: Callable[..., Path]) -> None:
    config = read_run_file(run_file(warmupRatio=0.1, learningRate=1.0))
    rates = [learning_rate(config, step, 100) for step in range(100)]
    assert rates[:10] == pytest.approx([(step + 1) / 10 for step in range(10)])
    assert rates[10] == pytest.approx(1.0)
    assert rates[9:] == sorted(rates[9:], reverse=True)
    assert 0 < rates[-1] < 0.001
    constant = read_run_file(run_file(warmupRatio=0.0, schedule="constant", learningRate=1.0))
    assert {learning_rate(constant, step, 100) for step in range(100)} == {1.0}


@pytest.mark.parametrize(
    ("changes", "rows", "steps"),
    [
        ({"epochs": 2}, 20, 10),
        ({"epochs": 2}, 21, 12),
        ({"epochs": 0.5}, 20, 3),
        ({"epochs": 2, "maxSteps": 4}, 20, 4),
        ({"epochs": 0.001}, 20, 1),
        ({"epochs": 0.3}, 40, 3),
    ],
)
def test_steps_follow_from_epochs_and_batch_size(
    run_file: Callable[..., Path], changes: dict[str, float], rows: int, steps: int
) -> None:
    assert total_steps(read_run_file(run_file(**changes)), rows) == steps


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"evalPerEpoch": 1}, [5, 10, 12]),
        ({"evalPerEpoch": 2}, [3, 5, 8, 10, 12]),
        ({"evalPerEpoch": None, "evalEverySteps": 4}, [4, 8, 12]),
        ({"evalPerEpoch": 99}, list(range(1, 13))),
        ({"evalPerEpoch": None, "keepBest": False, "data": {"train": "train.jsonl", "eval": None}}, []),
    ],
)
def test_evaluations_come_as_asked_and_always_at_the_end(
    run_file: Callable[..., Path], changes: dict[str, object], wanted: list[int]
) -> None:
    config = read_run_file(run_file(**changes))
    assert [step for step in range(1, 13) if evaluates_after(config, step, 12, 20)] == wanted
