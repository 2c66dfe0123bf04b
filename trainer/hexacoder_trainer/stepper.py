"""What a run does with the model: the gradient of a step, and the evaluation loss.

A step's rows are cut into micro-batches, and those are dealt out to the processes. Each is divided by the
tokens of the whole step, and has dropout of its own number, so how a step is cut and dealt makes no difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import torch

from . import model as models
from .batches import Batch, collate
from .config import RunConfig
from .labels import Labelled
from .loss import loss_sums
from .parallel import Ranks


class Stepper:
    """The adapted model at work on rows."""

    def __init__(self, adapted: Any, config: RunConfig, pad: int, device: torch.device, ranks: Ranks) -> None:
        """Works on a model with an adapter."""
        self._model = adapted
        self._config = config
        self._pad = pad
        self._device = device
        self._ranks = ranks
        self._sparse_logits = models.takes_logits_to_keep(adapted.get_base_model())

    def gradients(self, rows: Sequence[Labelled], step: int) -> tuple[float, int]:
        """Leaves the gradient of a step in the weights.

        Args:
            rows: Rows of the step; a row's vulnerable side comes with it.
            step: Steps done before.

        Returns:
            Cross-entropy a learned token, and the tokens of the step.
        """
        config, together = self._config, _with_twins(rows)
        learned = max(1, sum(int(row.learned.sum()) for row in together))
        avoided = max(1, sum(int(row.avoided.sum()) for row in together))
        kept = max(1, sum(int(row.kept.sum()) for row in together))
        loss = 0.0
        self._model.train()
        for number, batch in self._own_part(together):
            torch.manual_seed(_mix(config.seed, step, number))
            sums = loss_sums(self._model, batch, sparse_logits=self._sparse_logits, anchored=config.anchor > 0)
            total = sums.learned / learned + config.unlikelihood * sums.avoided / avoided
            if sums.drift is not None:
                total = total + config.anchor * sums.drift / kept
            total.backward()
            loss += float(sums.learned.detach()) / learned
        self._ranks.sum_gradients(weight for weight in self._model.parameters() if weight.requires_grad)
        (loss,) = self._ranks.total([loss])
        return loss, sum(len(row.tokens) for row in together)

    def evaluate(self, rows: Sequence[Labelled]) -> float:
        """Mean cross-entropy over the rows' learned tokens, nats."""
        ordered = sorted(rows, key=lambda row: len(row.tokens))
        learned = sum(int(row.learned.sum()) for row in ordered)
        self._model.eval()
        with torch.no_grad():
            sums = [
                float(loss_sums(self._model, batch, sparse_logits=self._sparse_logits).learned)
                for _, batch in self._own_part(ordered)
            ]
        (total,) = self._ranks.total([math.fsum(sums)])
        return total / learned

    def _own_part(self, rows: Sequence[Labelled]) -> Iterator[tuple[int, Batch]]:
        """The micro-batches that are this process's, with their numbers among all of them."""
        size = self._config.micro_rows(self._ranks.size)
        for number, start in enumerate(range(0, len(rows), size)):
            if number % self._ranks.size == self._ranks.rank:
                yield number, collate(rows[start : start + size], self._pad, self._device)


def _with_twins(rows: Sequence[Labelled]) -> list[Labelled]:
    """The rows and their vulnerable sides, by length where there are any."""
    twins = [row.twin for row in rows if row.twin is not None]
    return sorted([*rows, *twins], key=lambda row: len(row.tokens)) if twins else list(rows)


def _mix(seed: int, step: int, number: int) -> int:
    """A seed of its own for every micro-batch's dropout."""
    return (seed * 1_000_003 + step * 8_191 + number) % (2**63)
