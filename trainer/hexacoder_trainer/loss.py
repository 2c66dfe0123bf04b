"""The losses: cross-entropy of learned tokens, with what to avoid and how far to stray; preference between sides.

Sums, not means, come out of a micro-batch; the caller divides them by the tokens of the whole optimizer
step, so the result does not depend on how the step was cut into micro-batches or over processes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.nn import functional

from .batches import Batch

_SURE = 1 - 1e-6  # a token that is certain would have an infinite loss when it is to be avoided


@dataclass(frozen=True)
class Sums:
    """What a micro-batch adds to the loss, summed over tokens (nats, float32).

    Attributes:
        learned: Cross-entropy of the learned tokens.
        avoided: Unlikelihood, -log(1 - p), of the tokens that the fix removed.
        drift: Divergence from the base at all other tokens; None where it was not asked for.
    """

    learned: torch.Tensor
    avoided: torch.Tensor
    drift: torch.Tensor | None


def loss_sums(model: Any, batch: Batch, *, sparse_logits: bool, anchored: bool = False) -> Sums:
    """Runs the model over a micro-batch.

    Unlikelihood of the vulnerable side is SafeCoder's (arXiv 2402.09497, section 4.2). The drift is the
    Kullback-Leibler divergence from the base (the same model with its adapter off), as SVEN regularises its
    prefixes (arXiv 2302.05319, section 4.2): without it nothing but the learned tokens holds a small model
    together.

    Args:
        model: A causal language model; a PEFT model when anchored.
        batch: Right-padded rows.
        sparse_logits: Whether the model takes ``logits_to_keep``; then the vocabulary is projected only
            at positions before a token that counts, which is most of the memory at a small batch.
        anchored: Whether to measure the drift, which needs all positions and a second pass.
    """
    targets, learned, avoided = batch.tokens[:, 1:], batch.learned[:, 1:], batch.avoided[:, 1:]
    # No attention mask: padding stands on the right, where a causal model's tokens cannot see it, and
    # without a mask attention can use its causal kernels.
    inputs = {"position_ids": batch.positions, "use_cache": False}
    drift = None
    if sparse_logits and not anchored:
        columns = (learned | avoided).any(dim=0).nonzero().squeeze(1)
        logits = model(batch.tokens, logits_to_keep=columns, **inputs).logits
        targets, learned, avoided = targets[:, columns], learned[:, columns], avoided[:, columns]
    else:
        logits = model(batch.tokens, **inputs).logits[:, :-1]
    if anchored:
        kept = batch.kept[:, 1:]
        with torch.no_grad(), model.disable_adapter():
            base = model(batch.tokens, **inputs).logits[:, :-1]
        moved, still = logits[kept].float().log_softmax(-1), base[kept].float().log_softmax(-1)
        drift = functional.kl_div(moved, still, reduction="sum", log_target=True)
    cross_entropy = functional.cross_entropy(logits[learned].float(), targets[learned], reduction="sum")
    return Sums(cross_entropy, _unlikelihood(logits[avoided], targets[avoided]), drift)


@dataclass(frozen=True)
class PreferenceSums:
    """What a micro-batch of pairs adds, summed over pairs.

    Attributes:
        loss: Of DPO, nats, float32.
        preferred: Pairs whose fixed side has gained more on the base than the vulnerable one.
    """

    loss: torch.Tensor
    preferred: int


def preference_sums(model: Any, batch: Batch, *, beta: float, sparse_logits: bool) -> PreferenceSums:
    """Runs the model and its base over pairs and compares their sides (DPO, arXiv 2305.18290, equation 7).

    The base is the same model with its adapter off. Where a pair's common beginning ends does not matter: what both
    sides share has the same probabilities in both, and cancels out.

    Args:
        model: A PEFT model.
        batch: Right-padded rows: the fixed side of a pair, then its vulnerable one.
        beta: How much a preference must be worth before straying from the base; larger stays closer.
        sparse_logits: Whether the model takes ``logits_to_keep``.
    """
    now = _sequence_log_probabilities(model, batch, sparse_logits=sparse_logits)
    with torch.no_grad(), model.disable_adapter():
        before = _sequence_log_probabilities(model, batch, sparse_logits=sparse_logits)
    gains = now - before
    margins = gains[0::2] - gains[1::2]
    loss = -functional.logsigmoid(beta * margins).sum()
    return PreferenceSums(loss, int((margins > 0).sum()))


def _sequence_log_probabilities(model: Any, batch: Batch, *, sparse_logits: bool) -> torch.Tensor:
    """The log-probability of each row's marked tokens, given all before them: [rows], float32."""
    targets, marked = batch.tokens[:, 1:], (batch.learned | batch.avoided)[:, 1:]
    inputs = {"position_ids": batch.positions, "use_cache": False}
    if sparse_logits:
        columns = marked.any(dim=0).nonzero().squeeze(1)
        logits = model(batch.tokens, logits_to_keep=columns, **inputs).logits
        targets, marked = targets[:, columns], marked[:, columns]
    else:
        logits = model(batch.tokens, **inputs).logits[:, :-1]
    of_tokens = -functional.cross_entropy(logits[marked].float(), targets[marked], reduction="none")
    of_rows = torch.zeros(len(batch.tokens), dtype=of_tokens.dtype, device=of_tokens.device)
    return of_rows.index_add(0, marked.nonzero()[:, 0], of_tokens)


def _unlikelihood(logits: torch.Tensor, tokens: torch.Tensor) -> torch.Tensor:
    likely = -functional.cross_entropy(logits.float(), tokens, reduction="none")
    return -torch.log1p(-likely.exp().clamp(max=_SURE)).sum()
