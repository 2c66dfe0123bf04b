"""FSDP: each process holds its part of the frozen base, and fetches the rest of a block when it comes to it.

Only the base is shared out. The adapter is small and stays whole in every process, so its gradients, optimizer,
checkpoints and export are those of a run without sharding.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard

from .parallel import Ranks


def shard_base(adapted: Any, device: torch.device, ranks: Ranks) -> None:
    """Shares the base's weights out among the processes, block by block, and brings the adapter to the device."""
    mesh = init_device_mesh(device.type, (ranks.size,))
    own = {weight for weight in adapted.parameters() if weight.requires_grad}
    for block in _blocks(adapted):
        fully_shard(block, mesh=mesh, ignored_params=own)
    # The outermost module is the one that is called; it takes what no block has: embeddings, the last norm.
    fully_shard(adapted, mesh=mesh, ignored_params=own)
    for weight in own:
        weight.data = weight.data.to(device)


def _blocks(adapted: Any) -> list[nn.Module]:
    """The layers that transformers never splits over devices: one at a time is whole in memory."""
    names = set(getattr(adapted.get_base_model(), "_no_split_modules", None) or [])
    return [module for module in adapted.modules() if type(module).__name__ in names]
