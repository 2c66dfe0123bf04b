"""Which rows make which step, and how rows become tensors.

The order is a pure function of (seed, epoch), so a resumed run needs no saved position beyond its step.
Rows are shuffled, then sorted by length inside windows of a few batches: little padding, and still a
different mixture in every epoch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from .labels import Labelled
from .mixture import Mixture

_BATCHES_A_WINDOW = 8


@dataclass(frozen=True)
class Batch:
    """Rows as tensors, padded on the right.

    Attributes:
        tokens: [rows, length] token ids.
        positions: [rows, length], 0, 1, 2 …
        learned: [rows, length], which tokens are in the loss.
        avoided: [rows, length], which tokens are to become unlikely.
        kept: [rows, length], which tokens are neither of these, nor padding.
    """

    tokens: torch.Tensor
    positions: torch.Tensor
    learned: torch.Tensor
    avoided: torch.Tensor
    kept: torch.Tensor


def epoch_order(lengths: Sequence[int], batch_size: int, seed: int, epoch: int) -> list[list[int]]:
    """The batches of one epoch, as row indices; every row exactly once."""
    random = np.random.default_rng([seed, epoch])
    shuffled = random.permutation(len(lengths)).tolist()
    batches: list[list[int]] = []
    window = batch_size * _BATCHES_A_WINDOW
    for start in range(0, len(shuffled), window):
        rows = sorted(shuffled[start : start + window], key=lambda row: lengths[row])
        cut = [rows[at : at + batch_size] for at in range(0, len(rows), batch_size)]
        batches.extend(cut[index] for index in random.permutation(len(cut)))
    return batches


def steps_an_epoch(rows: int, batch_size: int) -> int:
    """Optimizer steps of one pass."""
    return -(-rows // batch_size)


def batches_from(mixture: Mixture, batch_size: int, seed: int, step: int) -> Iterator[list[Labelled]]:
    """Batches without end, beginning with the one that follows ``step`` finished steps."""
    epoch, skip = divmod(step, steps_an_epoch(mixture.rows_an_epoch, batch_size))
    while True:
        rows = mixture.epoch(epoch)
        for batch in epoch_order([len(row.tokens) for row in rows], batch_size, seed, epoch)[skip:]:
            yield [rows[index] for index in batch]
        epoch, skip = epoch + 1, 0


def collate(rows: Sequence[Labelled], pad_token: int, device: torch.device) -> Batch:
    """Pads rows on the right to the longest."""
    longest = max(len(row.tokens) for row in rows)
    tokens = torch.full((len(rows), longest), pad_token, dtype=torch.long)
    learned, avoided, kept = (torch.zeros((len(rows), longest), dtype=torch.bool) for _ in range(3))
    for index, row in enumerate(rows):
        length = len(row.tokens)
        tokens[index, :length] = torch.from_numpy(row.tokens.astype(np.int64))
        for marks, of_row in ((learned, row.learned), (avoided, row.avoided), (kept, row.kept)):
            marks[index, :length] = torch.from_numpy(of_row)
    positions = torch.arange(longest).expand(len(rows), -1)
    parts = (tokens, positions, learned, avoided, kept)
    return Batch(*(part.to(device) for part in parts))
