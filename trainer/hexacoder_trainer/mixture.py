"""What an epoch is made of: every training row once, and beside them a share of benign rows ("replay").

Replay keeps what the base could do: programs without a weakness, of which every token is learned. Which of
them an epoch has is a pure function of (seed, epoch), as the order is; over the epochs all come equally often.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .labels import Labelled

_REPLAY = 1  # keeps its draws apart from those of the order, which has the same seed


@dataclass(frozen=True)
class Mixture:
    """Rows of all epochs.

    Attributes:
        rows: Training rows, each once an epoch.
        replay: Benign rows to choose from.
        share: Part of an epoch's rows that are replay; 0 to below 1.
        seed: Of the choice.
    """

    rows: Sequence[Labelled]
    replay: Sequence[Labelled]
    share: float
    seed: int

    @property
    def replay_rows(self) -> int:
        """Replay rows an epoch."""
        return max(1, round(len(self.rows) * self.share / (1 - self.share))) if self.replay else 0

    @property
    def rows_an_epoch(self) -> int:
        """Rows of an epoch, the same in each."""
        return len(self.rows) + self.replay_rows

    def epoch(self, number: int) -> list[Labelled]:
        """The rows of an epoch: training rows in their order, then replay."""
        if not self.replay:
            return list(self.rows)
        # Places in an endless sequence in which all replay rows come once, then all again in another order.
        places = range(number * self.replay_rows, (number + 1) * self.replay_rows)
        size = len(self.replay)
        orders = {turn: self._order(turn) for turn in range(places[0] // size, places[-1] // size + 1)}
        return [*self.rows, *(self.replay[orders[place // size][place % size]] for place in places)]

    def _order(self, turn: int) -> list[int]:
        return np.random.default_rng([self.seed, turn, _REPLAY]).permutation(len(self.replay)).tolist()
