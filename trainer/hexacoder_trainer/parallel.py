"""Several processes train one adapter, started by torchrun or `accelerate launch`.

Each process does its part of every step's micro-batches; their gradients, already divided by the learned tokens
of the whole step, are summed. So processes change how fast a run goes, not what comes out of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import distributed


@dataclass(frozen=True)
class Ranks:
    """This process among those that train together.

    Attributes:
        rank: Its number; 0 writes files and events.
        size: How many there are.
        local: Its number on this machine, which is that of its GPU.
        sharded: Whether each of them holds only its part of the base.
    """

    rank: int = 0
    size: int = 1
    local: int = 0
    sharded: bool = False

    @property
    def main(self) -> bool:
        """Whether this process writes files and events."""
        return self.rank == 0

    def total(self, values: list[float]) -> list[float]:
        """Sums of each value over the processes."""
        if self.size == 1:
            return values
        tensor = torch.tensor(values, dtype=torch.float64, device=_communication_device())
        distributed.all_reduce(tensor)
        return tensor.tolist()

    def anywhere(self, claim: bool) -> bool:
        """Whether the claim holds in some process; all of them get the same answer."""
        return self.total([float(claim)])[0] > 0

    def sum_gradients(self, weights: Iterable[torch.Tensor]) -> None:
        """Replaces each gradient by the sum over the processes; a missing one counts as zero."""
        if self.size == 1:
            return
        weights = list(weights)
        for weight in weights:
            if weight.grad is None:
                weight.grad = torch.zeros_like(weight)
        gradients = [weight.grad for weight in weights if weight.grad is not None]
        together = torch.cat([gradient.reshape(-1) for gradient in gradients])
        distributed.all_reduce(together)
        for gradient, part in zip(gradients, together.split([item.numel() for item in gradients]), strict=True):
            gradient.copy_(part.view_as(gradient))

    def wait(self) -> None:
        """Returns when all processes are here."""
        if self.size > 1:
            distributed.barrier()


def launched(*, sharded: bool = False) -> Ranks:
    """This process as its launcher names it in the environment; alone, which shares nothing out, without one."""
    number = {key: int(os.environ.get(key, fallback)) for key, fallback in _FALLBACKS.items()}
    size = number["WORLD_SIZE"]
    return Ranks(number["RANK"], size, number["LOCAL_RANK"], sharded and size > 1)


_FALLBACKS = {"RANK": "0", "WORLD_SIZE": "1", "LOCAL_RANK": "0"}


@contextmanager
def joined(ranks: Ranks, device: torch.device) -> Iterator[None]:
    """Connects the processes while the block runs."""
    if ranks.size == 1:
        yield
        return
    if device.type == "cuda":
        torch.cuda.set_device(device)
    distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield
    finally:
        distributed.destroy_process_group()


def _communication_device() -> str:
    return "cuda" if distributed.get_backend() == "nccl" else "cpu"
