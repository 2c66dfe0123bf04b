"""The decoding loop over one model: sequences join, advance one token a step together, and leave.

Prompts are prefilled once however many samples are wanted of them; their keys and values are copied
into the rows of ``slots.py``. Finished rows are dropped at once, and waiting sequences take their place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from transformers.cache_utils import Cache, DynamicLayer

from .errors import TrainerError
from .model import takes_logits_to_keep
from .sampling import Draw, sample, uniform
from .slots import Slots
from .text import StopFinder, TextDecoder, whole_characters

_PREFILL_TOKENS = 8192


@dataclass
class Sampled:
    """One completion on its way.

    Attributes:
        prompt: Token ids of the prompt, at least one.
        max_tokens: Most tokens to add.
        temperature: 0 is greedy.
        top_p: Nucleus, in (0, 1].
        seed: Seed of the request.
        choice: Index of the choice in the request.
        stops: Its stop strings.
        logprobs: Likeliest tokens to report at every position, None for no log-probabilities.
        tokens: What was added so far, without the token that ended it.
        count: Tokens that were drawn, the ending one included.
        reports: Log-probabilities, one entry a token.
        text: The final text.
        finish_reason: ``stop`` or ``length`` once finished.
        cancelled: Set when nobody waits for it any more.
    """

    prompt: tuple[int, ...]
    max_tokens: int
    temperature: float
    top_p: float
    seed: int
    choice: int
    stops: StopFinder
    logprobs: int | None = None
    tokens: list[int] = field(default_factory=list)
    count: int = 0
    reports: list[TokenReport] = field(default_factory=list)
    text: str = ""
    finish_reason: str | None = None
    cancelled: bool = False


@dataclass(frozen=True)
class TokenReport:
    """Log-probabilities at one position, of the model's own distribution (temperature 1, no nucleus)."""

    token: int
    logprob: float
    likeliest: list[tuple[int, float]]


class Decoder:
    """One model and the sequences that it is writing."""

    def __init__(self, model: Any, text: TextDecoder, end_tokens: frozenset[int]) -> None:
        """Takes a causal language model in evaluation mode."""
        self._model = model
        self._text = text
        self._end_tokens = end_tokens
        self._last_only = {"logits_to_keep": 1} if takes_logits_to_keep(model) else {}
        self._layers = model.config.get_text_config().num_hidden_layers
        self._slots = Slots(self._layers)
        self._active: list[Sampled] = []

    @property
    def active(self) -> int:
        """Sequences being written."""
        return len(self._active)

    def clear(self) -> list[Sampled]:
        """Forgets everything, after an error; returns the sequences that were being written."""
        lost, self._active, self._slots = self._active, [], Slots(self._layers)
        return lost

    def admit(self, sequences: Sequence[Sampled]) -> list[Sampled]:
        """Prefills prompts and draws first tokens; returns the sequences that are finished already."""
        finished: list[Sampled] = []
        for prompts in _prefill_chunks(sorted({sequence.prompt for sequence in sequences}, key=len)):
            cache, logits = self._prefill(prompts)
            row_of = {prompt: row for row, prompt in enumerate(prompts)}
            joining = [sequence for sequence in sequences if sequence.prompt in row_of]
            sources = [row_of[sequence.prompt] for sequence in joining]
            self._slots.admit(cache, sources, [len(sequence.prompt) for sequence in joining])
            first = len(self._active)
            self._active.extend(joining)
            finished += self._advance(logits[torch.tensor(sources, device=logits.device)], first)
        return finished

    def step(self) -> list[Sampled]:
        """Adds one token to every sequence; returns those that are finished."""
        mask = self._slots.open_column()
        device = self._model.device
        tokens = torch.tensor([[sequence.tokens[-1]] for sequence in self._active], device=device)
        positions = torch.tensor([[_length(sequence) - 1] for sequence in self._active], device=device)
        with torch.inference_mode():
            logits = self._model(
                tokens,
                attention_mask=mask,
                position_ids=positions,
                past_key_values=self._slots.cache,
                use_cache=True,
                **self._last_only,
            ).logits[:, -1]
        self._slots.close_column()
        return self._advance(logits, 0)

    def _prefill(self, prompts: Sequence[tuple[int, ...]]) -> tuple[Cache, torch.Tensor]:
        """Runs the prompts, padded on the left; returns their cache and the logits behind each."""
        device = self._model.device
        longest = max(len(prompt) for prompt in prompts)
        tokens = torch.tensor([[0] * (longest - len(prompt)) + list(prompt) for prompt in prompts], device=device)
        lengths = torch.tensor([[len(prompt)] for prompt in prompts], device=device)
        positions = torch.arange(longest, device=device) - (longest - lengths)
        cache = Cache(layer_class_to_replicate=DynamicLayer)
        with torch.inference_mode():
            logits = self._model(
                tokens,
                attention_mask=positions >= 0,
                position_ids=positions.clamp(min=0),
                past_key_values=cache,
                use_cache=True,
                **self._last_only,
            ).logits[:, -1]
        return cache, logits

    def _advance(self, logits: torch.Tensor, first: int) -> list[Sampled]:
        """Draws a token for the sequences from row ``first`` on, and drops those that it ends."""
        rows = self._active[first:]
        drawn = sample(logits, [_draw(sequence) for sequence in rows])
        self._report(logits, rows, drawn)
        finished: list[Sampled] = []
        for row in reversed(range(first, len(self._active))):
            sequence = self._active[row]
            self._take(sequence, drawn[row - first])
            if sequence.finish_reason is not None or sequence.cancelled:
                finished.append(sequence)
                self._slots.drop(row)
                last = self._active.pop()
                if row < len(self._active):
                    self._active[row] = last
        return finished

    def _take(self, sequence: Sampled, token: int) -> None:
        sequence.count += 1
        if token in self._end_tokens:
            self._finish(sequence, "stop")
            return
        sequence.tokens.append(token)
        if sequence.stops.may_have_stopped(sequence.tokens):
            text = sequence.stops.cut(self._text.completion(sequence.prompt, sequence.tokens))
            if text is not None:
                sequence.text, sequence.finish_reason = text, "stop"
                return
        if sequence.count >= sequence.max_tokens:
            self._finish(sequence, "length")

    def _finish(self, sequence: Sampled, reason: str) -> None:
        text = self._text.completion(sequence.prompt, sequence.tokens)
        sequence.text = whole_characters(text) if reason == "length" else text
        sequence.finish_reason = reason

    def _report(self, logits: torch.Tensor, rows: Sequence[Sampled], drawn: Sequence[int]) -> None:
        for row, sequence in enumerate(rows):
            if sequence.logprobs is None:
                continue
            logprobs = logits[row].float().log_softmax(dim=-1)
            values, tokens = logprobs.topk(max(1, sequence.logprobs))
            likeliest = list(zip(tokens.tolist(), values.tolist(), strict=True))[: sequence.logprobs]
            sequence.reports.append(TokenReport(drawn[row], float(logprobs[drawn[row]]), likeliest))


def check_decodable(model: Any) -> None:
    """Fails early for architectures whose memory of the past is not keys and values (Mamba and the like)."""
    config = model.config.get_text_config()
    kinds = set(getattr(config, "layer_types", None) or [])
    attention = {"full_attention", "sliding_attention", "chunked_attention"}
    if model.config.is_encoder_decoder or getattr(model, "_is_stateful", False) or kinds - attention:
        raise TrainerError(
            "unsupported-model",
            f"{type(model).__name__} does not decode over plain keys and values, which this server needs.",
            "Serve it with another OpenAI-compatible server and pass its address as --model http://…/v1#NAME.",
        )


def _draw(sequence: Sampled) -> Draw:
    number = uniform(sequence.seed, sequence.choice, sequence.count) if sequence.temperature > 0 else 0.0
    return Draw(sequence.temperature, sequence.top_p, number)


def _length(sequence: Sampled) -> int:
    return len(sequence.prompt) + len(sequence.tokens)


def _prefill_chunks(prompts: Sequence[tuple[int, ...]]) -> Iterator[list[tuple[int, ...]]]:
    """Cuts prompts, sorted by length, so that a padded chunk holds a bounded number of tokens."""
    chunk: list[tuple[int, ...]] = []
    for prompt in prompts:
        if chunk and len(prompt) * (len(chunk) + 1) > _PREFILL_TOKENS:
            yield chunk
            chunk = []
        chunk.append(prompt)
    if chunk:
        yield chunk
