"""What a run does with the model: the gradient of a step, and the evaluation loss.

A step's rows are cut into micro-batches, and those are dealt out to the processes. Each is divided by what the
whole step holds, and has dropout of its own number, so how a step is cut and dealt makes no difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from . import model as models
from .batches import Batch, collate
from .config import RunConfig
from .labels import Labelled
from .objective import Unit, objective_of
from .parallel import Ranks


@dataclass(frozen=True)
class Figures:
    """What rows came to.

    Attributes:
        loss: Mean over the learned tokens, or over the pairs, nats.
        preferred: Share of the pairs whose fixed side is preferred; None where nothing is compared.
        tokens: Tokens without padding.
    """

    loss: float
    preferred: float | None
    tokens: int


class Stepper:
    """The adapted model at work on rows."""

    def __init__(self, adapted: Any, config: RunConfig, pad: int, device: torch.device, ranks: Ranks) -> None:
        """Works on a model with an adapter."""
        self._model = adapted
        self._config = config
        self._pad = pad
        self._device = device
        self._ranks = ranks
        sparse_logits = models.takes_logits_to_keep(adapted.get_base_model())
        self._objective = objective_of(config, sparse_logits=sparse_logits)

    def gradients(self, rows: Sequence[Labelled], step: int) -> Figures:
        """Leaves the gradient of a step in the weights.

        Args:
            rows: Rows of the step; a row's vulnerable side comes with it.
            step: Steps done before.
        """
        units = self._objective.units(rows)
        losses, preferred = [0.0], [0.0]
        self._model.train()
        for micro in self._own_part(units):
            torch.manual_seed(_mix(self._config.seed, step, micro.number))
            part = self._objective.part(self._model, micro.batch, units)
            (part.objective * micro.weight).backward()
            losses.append(part.loss * micro.weight)
            preferred.append(part.preferred * micro.weight)
        self._ranks.sum_gradients(weight for weight in self._model.parameters() if weight.requires_grad)
        return self._figures(losses, preferred, units)

    def evaluate(self, rows: Sequence[Labelled]) -> Figures:
        """What rows come to without learning from them."""
        units = self._objective.units(sorted(rows, key=lambda row: len(row.tokens)))
        losses, preferred = [0.0], [0.0]
        self._model.eval()
        with torch.no_grad():
            for micro in self._own_part(units):
                part = self._objective.part(self._model, micro.batch, units)
                losses.append(part.loss * micro.weight)
                preferred.append(part.preferred * micro.weight)
        return self._figures(losses, preferred, units)

    def _figures(self, losses: list[float], preferred: list[float], units: Sequence[Unit]) -> Figures:
        loss, share = self._ranks.total([math.fsum(losses), math.fsum(preferred)])
        tokens = sum(len(row.tokens) for unit in units for row in unit)
        return Figures(loss, share if self._objective.pairs else None, tokens)

    def _own_part(self, units: Sequence[Unit]) -> Iterator[_Micro]:
        """The micro-batches that are this process's, with their numbers among all of them.

        Processes that share a sharded base must run it equally often, since each run fetches the others' shards: a
        process that has one micro-batch fewer runs the first once more, and it counts for nothing.
        """
        size, ranks = self._config.micro_rows(self._ranks.size), self._ranks
        starts = range(0, len(units), size)
        for number, start in enumerate(starts):
            if number % ranks.size == ranks.rank:
                yield self._micro(units[start : start + size], number, 1.0)
        if ranks.sharded and 0 < len(starts) % ranks.size <= ranks.rank:
            yield self._micro(units[:1], 0, 0.0)

    def _micro(self, units: Sequence[Unit], number: int, weight: float) -> _Micro:
        rows = [row for unit in units for row in unit]
        return _Micro(number, collate(rows, self._pad, self._device), weight)


@dataclass(frozen=True)
class _Micro:
    """A forward pass: its number in the step, its rows; whether it counts (1) or keeps others company (0)."""

    number: int
    batch: Batch
    weight: float


def _mix(seed: int, step: int, number: int) -> int:
    """A seed of its own for every micro-batch's dropout."""
    return (seed * 1_000_003 + step * 8_191 + number) % (2**63)
