"""The masked loss: cross-entropy of the learned tokens; and, where asked, an anchor to the base elsewhere.

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


def anchored_sums(model: Any, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
    """The masked loss, and how far the adapter moves the model where nothing is to be learned.

    The second sum is the Kullback-Leibler divergence from the base (the same model with its adapter
    off) at the tokens outside the changed spans, as SVEN regularises its prefixes (arXiv 2302.05319,
    section 4.2). Without it nothing but the learned tokens holds a small model together.

    Args:
        model: A PEFT model.
        batch: Right-padded rows.

    Returns:
        Summed cross-entropy over the learned tokens and summed divergence over the kept ones (nats, float32).
    """
    inputs = {"position_ids": batch.positions, "use_cache": False}
    logits = model(batch.tokens, **inputs).logits[:, :-1]
    with torch.no_grad(), model.disable_adapter():
        base = model(batch.tokens, **inputs).logits[:, :-1]
    learned, kept = batch.learned[:, 1:], batch.kept[:, 1:]
    cross_entropy = functional.cross_entropy(logits[learned].float(), batch.tokens[:, 1:][learned], reduction="sum")
    moved, still = logits[kept].float().log_softmax(-1), base[kept].float().log_softmax(-1)
    return cross_entropy, functional.kl_div(moved, still, reduction="sum", log_target=True)
