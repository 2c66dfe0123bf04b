"""What a run minimises, over a micro-batch: the loss on spans, or the preference between the sides of pairs.

Both are divided by what the whole optimizer step holds (learned tokens, or pairs), so that it makes no difference
how a step is cut into micro-batches or dealt out to processes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from .batches import Batch
from .config import RunConfig
from .labels import Labelled
from .loss import loss_sums, preference_sums

Unit = list[Labelled]


@dataclass(frozen=True)
class Part:
    """What a micro-batch adds to a step or to an evaluation.

    Attributes:
        objective: To be differentiated.
        loss: Added to the mean loss that is reported.
        preferred: Added to the share of pairs whose fixed side is preferred.
    """

    objective: torch.Tensor
    loss: float
    preferred: float = 0.0


class Objective(Protocol):
    """A way to make a number to minimise of rows."""

    pairs: bool
    """Whether it compares sides, so that there is a share of pairs to tell."""

    def units(self, rows: Sequence[Labelled]) -> list[Unit]:
        """The sequences that rows stand for, those together that must be in the same micro-batch."""

    def part(self, model: Any, batch: Batch, units: Sequence[Unit]) -> Part:
        """What a micro-batch of the units adds."""


def objective_of(config: RunConfig, *, sparse_logits: bool) -> Objective:
    """The objective that the run file asks for."""
    return Preference(config, sparse_logits) if config.loss == "dpo" else Spans(config, sparse_logits)


class Spans:
    """Cross-entropy at the learned tokens; and, where asked, what to avoid and how far to stray."""

    pairs = False

    def __init__(self, config: RunConfig, sparse_logits: bool) -> None:
        """Takes the weights of its terms from the run file."""
        self._config = config
        self._sparse_logits = sparse_logits

    def units(self, rows: Sequence[Labelled]) -> list[Unit]:
        """Rows and their vulnerable sides one by one, by length where there are such sides."""
        twins = [row.twin for row in rows if row.twin is not None]
        together = sorted([*rows, *twins], key=lambda row: len(row.tokens)) if twins else rows
        return [[row] for row in together]

    def part(self, model: Any, batch: Batch, units: Sequence[Unit]) -> Part:
        """Each term over the tokens that it counts."""
        anchor = self._config.anchor if model.training else 0.0
        sums = loss_sums(model, batch, sparse_logits=self._sparse_logits, anchored=anchor > 0)
        learned = sums.learned / _count(units, "learned")
        total = learned + self._config.unlikelihood * sums.avoided / _count(units, "avoided")
        if sums.drift is not None:
            total = total + anchor * sums.drift / _count(units, "kept")
        return Part(total, float(learned.detach()))


class Preference:
    """DPO (arXiv 2305.18290): the fixed side of a pair should gain on the vulnerable one, measured from the base."""

    pairs = True

    def __init__(self, config: RunConfig, sparse_logits: bool) -> None:
        """Takes beta from the run file."""
        self._beta = config.beta
        self._sparse_logits = sparse_logits

    def units(self, rows: Sequence[Labelled]) -> list[Unit]:
        """Pairs: the fixed side first."""
        return [[row, row.twin] for row in rows if row.twin is not None]

    def part(self, model: Any, batch: Batch, units: Sequence[Unit]) -> Part:
        """The mean over pairs, however many tokens each has."""
        sums = preference_sums(model, batch, beta=self._beta, sparse_logits=self._sparse_logits)
        loss = sums.loss / len(units)
        return Part(loss, float(loss.detach()), float(sums.preferred) / len(units))


def _count(units: Sequence[Unit], marks: str) -> int:
    return max(1, sum(int(getattr(row, marks).sum()) for unit in units for row in unit))
