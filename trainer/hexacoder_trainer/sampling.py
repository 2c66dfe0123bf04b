"""Drawing the next token of many rows at once, each row as if it were alone.

A row's randomness is a function of (seed, choice, position) and of nothing else: no generator is shared,
so neither the batch a request lands in nor its order changes what it gets (up to float noise in the
logits). The draw is an inverse of the cumulative distribution in token-id order, not in order of
probability: noise that swaps two equally likely tokens then moves nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import torch

_HEAD = 64


@dataclass(frozen=True)
class Draw:
    """How one row is drawn.

    Attributes:
        temperature: 0 takes the likeliest token.
        top_p: Smallest probability mass that may be drawn from, in (0, 1].
        uniform: The row's number in [0, 1) for this position.
    """

    temperature: float
    top_p: float
    uniform: float


def uniform(seed: int, choice: int, position: int) -> float:
    """A number in [0, 1) for one token of one choice of one request."""
    digest = hashlib.blake2b(b"%d %d %d" % (seed, choice, position), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / (1 << 53)


def sample(logits: torch.Tensor, draws: Sequence[Draw]) -> list[int]:
    """Draws one token a row.

    Args:
        logits: [rows, vocabulary].
        draws: One a row.

    Returns:
        A token id a row.
    """
    likeliest = logits.argmax(dim=-1)
    rows = [index for index, draw in enumerate(draws) if draw.temperature > 0]
    if not rows:
        return likeliest.tolist()
    picked = logits if len(rows) == len(draws) else logits[rows]
    column = [[draws[row].temperature, draws[row].top_p, draws[row].uniform] for row in rows]
    settings = torch.tensor(column, dtype=torch.float64, device=logits.device)
    temperature, top_p, number = settings.split(1, dim=1)
    probabilities = (picked.float() / temperature.float()).softmax(dim=-1)
    drawn = _draw(probabilities, top_p, number)
    if len(rows) == len(draws):
        return drawn.tolist()
    likeliest[rows] = drawn
    return likeliest.tolist()


def _draw(probabilities: torch.Tensor, top_p: torch.Tensor, number: torch.Tensor) -> torch.Tensor:
    """Draws from each row's nucleus, looked for among the likeliest tokens first: a full sort is slow."""
    if bool((top_p >= 1).all()):
        return _invert(probabilities, number)
    vocabulary = probabilities.shape[-1]
    head = min(_HEAD, vocabulary)
    drawn, mass = _draw_from_head(probabilities, top_p, number, head)
    flat = (mass < top_p).squeeze(1).nonzero().squeeze(1)
    if head < vocabulary and len(flat):
        drawn[flat], _ = _draw_from_head(probabilities[flat], top_p[flat], number[flat], vocabulary)
    return drawn


def _draw_from_head(
    probabilities: torch.Tensor, top_p: torch.Tensor, number: torch.Tensor, head: int
) -> tuple[torch.Tensor, torch.Tensor]:
    """Draws among the ``head`` likeliest tokens; also returns their mass, which tells whether that was enough."""
    tokens, kept, mass = _nucleus(probabilities, top_p, head)
    tokens, order = tokens.sort(dim=-1)
    index = _invert(kept.gather(-1, order), number).unsqueeze(-1)
    return tokens.gather(-1, index).squeeze(-1), mass


def _nucleus(
    probabilities: torch.Tensor, top_p: torch.Tensor, head: int
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """The ``head`` likeliest tokens, their probabilities (0 outside the nucleus), and their mass."""
    likely, tokens = probabilities.topk(head, dim=-1)
    total = likely.double().cumsum(dim=-1)
    outside = total - likely >= top_p
    outside[:, 0] = False
    return tokens, likely.masked_fill(outside, 0.0), total[:, -1:]


def _invert(weights: torch.Tensor, number: torch.Tensor) -> torch.Tensor:
    """The first index at which the cumulative weight passes ``number`` of the whole."""
    total = weights.double().cumsum(dim=-1)
    return (total > number * total[:, -1:]).to(torch.uint8).argmax(dim=-1)
