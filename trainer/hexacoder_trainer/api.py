"""OpenAI's completion requests and answers, as far as this server speaks them.

Unknown fields and what is not supported are refused, because a silently ignored ``logit_bias`` would
make an experiment lie.
"""

from __future__ import annotations

import secrets
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from . import strict
from .decode import Sampled
from .strict import field
from .text import StopFinder, TextDecoder

_MAX_CHOICES = 4096


class ApiError(Exception):
    """A refused request, with the status and body that OpenAI's clients understand."""

    def __init__(self, status: int, message: str, *, code: str, param: str | None = None) -> None:
        """Makes the error."""
        super().__init__(message)
        self.status = status
        kind = "invalid_request_error" if status < 500 else "server_error"
        self.body = {"error": {"message": message, "type": kind, "param": param, "code": code}}


@dataclass(frozen=True)
class SamplingFields:
    """Fields that both endpoints share; null means the default."""

    model: str = field("Id of the base or of an adapter")
    n: int | None = field("Samples a prompt", default=1, minimum=1, maximum=_MAX_CHOICES)
    temperature: float | None = field("0 is greedy", default=1.0, minimum=0, maximum=100)
    top_p: float | None = field("Nucleus", default=1.0, exclusiveMinimum=0, maximum=1)
    stop: str | list[str] | None = field("Strings to stop before", default=None, maxItems=16)
    seed: int | None = field("Same seed, same samples", default=None, minimum=0)
    stream: Literal[False] | None = field("Not supported", default=False)
    frequency_penalty: float | None = field("Not supported", default=0, minimum=0, maximum=0)
    presence_penalty: float | None = field("Not supported", default=0, minimum=0, maximum=0)
    user: str | None = field("Ignored", default=None)


@dataclass(frozen=True, kw_only=True)
class CompletionRequest(SamplingFields):
    """POST /v1/completions."""

    prompt: str | list[str] = field("One prompt or several", minItems=1, maxItems=_MAX_CHOICES)
    max_tokens: int | None = field("Most tokens to add; clipped to the context", default=16, minimum=1)
    logprobs: int | None = field("Likeliest tokens to report", default=None, minimum=0, maximum=20)
    echo: Literal[False] | None = field("Not supported", default=False)


@dataclass(frozen=True)
class ChatMessage:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"] = field("Who speaks")
    content: str = field("What is said")


@dataclass(frozen=True, kw_only=True)
class ChatRequest(SamplingFields):
    """POST /v1/chat/completions."""

    messages: list[ChatMessage] = field("The conversation", minItems=1)
    max_tokens: int | None = field("Most tokens to add", default=None, minimum=1)
    max_completion_tokens: int | None = field("The newer name of max_tokens", default=None, minimum=1)


def parse_request(cls: type, body: Any) -> Any:
    """Checks a request's body.

    Raises:
        ApiError: 400, saying which field is wrong.
    """
    try:
        return strict.parse(cls, body, camel_keys=False)
    except strict.StrictError as error:
        raise ApiError(400, f"{str(error)[:1].upper()}{str(error)[1:]}.", code="bad-request") from error


def prompt_tokens(tokenizer: Any, prompt: str, *, special: bool = True) -> tuple[int, ...]:
    """Tokens of a prompt; an empty one begins with the model's start (or end) of text."""
    tokens = list(tokenizer(prompt, add_special_tokens=special, verbose=False)["input_ids"])
    eos = tokenizer.eos_token_id
    if special and tokens and tokens[-1] == eos and not prompt.endswith(tokenizer.eos_token):
        tokens.pop()  # some tokenizers close every text; a prompt is to be continued
    if not tokens:
        start = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else eos
        if start is None:
            raise ApiError(400, "The prompt is empty, and this model has no start token.", code="empty-prompt")
        tokens = [start]
    return tuple(tokens)


def make_sequences(
    request: Any,
    prompts: Sequence[tuple[int, ...]],
    *,
    max_tokens: int | None,
    logprobs: int | None,
    context: int,
    text: TextDecoder,
) -> list[Sampled]:
    """The sequences of a request, prompt by prompt, as OpenAI numbers the choices.

    Raises:
        ApiError: 400 when a prompt fills the context or too many choices are asked for.
    """
    samples = request.n or 1
    if samples * len(prompts) > _MAX_CHOICES:
        raise ApiError(
            400, f"At most {_MAX_CHOICES} choices a request (prompts times n).", code="too-many", param="n"
        )
    for number, prompt in enumerate(prompts):
        if len(prompt) >= context:
            message = f"Prompt {number} has {len(prompt)} tokens; the context is {context}, completion included."
            raise ApiError(400, message, code="context_length_exceeded", param="prompt")
    stops = [request.stop] if isinstance(request.stop, str) else request.stop or []
    finder = StopFinder(text, [stop for stop in stops if stop])
    seed = request.seed if request.seed is not None else secrets.randbits(53)
    return [
        Sampled(
            prompt=prompt,
            max_tokens=min(max_tokens or context, context - len(prompt)),
            temperature=1.0 if request.temperature is None else request.temperature,
            top_p=1.0 if request.top_p is None else request.top_p,
            seed=seed,
            choice=index * samples + sample,
            stops=finder,
            logprobs=logprobs,
        )
        for index, prompt in enumerate(prompts)
        for sample in range(samples)
    ]


def completion_answer(
    model: str, prompts: Sequence[tuple[int, ...]], sequences: Sequence[Sampled], text: TextDecoder
) -> dict[str, Any]:
    """The body of a completion."""
    choices = [
        {
            "index": index,
            "text": sequence.text,
            "finish_reason": sequence.finish_reason,
            "logprobs": None if sequence.logprobs is None else _logprobs(sequence, text),
        }
        for index, sequence in enumerate(sequences)
    ]
    return _answer("cmpl", "text_completion", model, choices, prompts, sequences)


def chat_answer(model: str, prompts: Sequence[tuple[int, ...]], sequences: Sequence[Sampled]) -> dict[str, Any]:
    """The body of a chat completion."""
    choices = [
        {
            "index": index,
            "message": {"role": "assistant", "content": sequence.text},
            "finish_reason": sequence.finish_reason,
            "logprobs": None,
        }
        for index, sequence in enumerate(sequences)
    ]
    return _answer("chatcmpl", "chat.completion", model, choices, prompts, sequences)


def _answer(
    prefix: str,
    kind: str,
    model: str,
    choices: list[dict[str, Any]],
    prompts: Sequence[tuple[int, ...]],
    sequences: Sequence[Sampled],
) -> dict[str, Any]:
    prompt_count = sum(len(prompt) for prompt in prompts)
    completion_count = sum(sequence.count for sequence in sequences)
    return {
        "id": f"{prefix}-{uuid.uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": model,
        "choices": choices,
        "usage": {
            "prompt_tokens": prompt_count,
            "completion_tokens": completion_count,
            "total_tokens": prompt_count + completion_count,
        },
    }


def _logprobs(sequence: Sampled, text: TextDecoder) -> dict[str, Any]:
    """OpenAI's four parallel lists, for the tokens whose text was kept."""
    tokens: list[str] = []
    offsets: list[int] = []
    values: list[float] = []
    likeliest: list[dict[str, float]] = []
    offset = 0
    for report in sequence.reports[: len(sequence.tokens)]:
        if offset >= len(sequence.text):
            break
        piece = text.decode([report.token])
        tokens.append(piece)
        offsets.append(offset)
        values.append(report.logprob)
        likeliest.append({text.decode([token]): value for token, value in report.likeliest})
        offset += len(piece)
    return {"tokens": tokens, "token_logprobs": values, "top_logprobs": likeliest, "text_offset": offsets}
