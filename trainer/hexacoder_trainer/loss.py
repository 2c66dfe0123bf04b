"""The masked loss: cross-entropy of the learned tokens, and nothing else.

Sums, not means, come out of a micro-batch; the caller divides by the learned tokens of the whole
optimizer step, so the result does not depend on how the step was cut into micro-batches.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from .batches import Batch


def loss_sum(model: Any, batch: Batch, *, sparse_logits: bool) -> torch.Tensor:
    """Summed cross-entropy (nats, float32) over the learned tokens of a batch.

    Args:
        model: A causal language model.
        batch: Right-padded rows.
        sparse_logits: Whether the model takes ``logits_to_keep``; then the vocabulary is projected only
            at positions before a learned token, which is most of the memory at a small batch.
    """
    targets, wanted = batch.tokens[:, 1:], batch.learned[:, 1:]
    # No attention mask: padding stands on the right, where a causal model's tokens cannot see it, and
    # without a mask attention can use its causal kernels.
    inputs = {"position_ids": batch.positions, "use_cache": False}
    if sparse_logits:
        columns = wanted.any(dim=0).nonzero().squeeze(1)
        logits = model(batch.tokens, logits_to_keep=columns, **inputs).logits
        targets, wanted = targets[:, columns], wanted[:, columns]
    else:
        logits = model(batch.tokens, **inputs).logits[:, :-1]
    return functional.cross_entropy(logits[wanted].float(), targets[wanted], reduction="sum")
