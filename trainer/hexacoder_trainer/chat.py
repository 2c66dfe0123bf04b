"""Rows as conversations, for instruct models: a request, and the program in a fence as the answer.

The tokenizer's own template writes the conversation. Changed spans move with the program; request and
template are never learned, and where the answer ends only with the loss "unmasked".
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

from .errors import TrainerError
from .rows import Example, Span

_FENCE = "```"


def in_chat(examples: Iterable[Example], tokenizer: Any, request: str) -> Iterator[Example]:
    """Writes each example out as a conversation.

    Args:
        examples: Rows; their own prompt goes before the request.
        tokenizer: Has the template.
        request: What the user asks; ``{language}`` stands for the row's language.

    Raises:
        TrainerError: ``unsupported-model`` when the tokenizer has no template, or one that changes programs.
    """
    if not getattr(tokenizer, "chat_template", None):
        raise TrainerError(
            "unsupported-model",
            "Chat examples were asked for, and this tokenizer has no chat template.",
            "Take an instruct model as the base, or leave template at plain.",
        )
    for example in examples:
        yield _conversation(example, tokenizer, request)


def _conversation(example: Example, tokenizer: Any, request: str) -> Example:
    asked = example.prompt or request.replace("{language}", example.language)
    answer = f"{_FENCE}{example.language}\n{example.text}\n{_FENCE}"
    text = _rendered(tokenizer, [{"role": "user", "content": asked}, {"role": "assistant", "content": answer}])
    begin = text.rfind(answer)
    if begin < 0:
        raise TrainerError(
            "unsupported-model",
            "The tokenizer's chat template does not keep the answer as it is, so a loss on changed spans "
            "cannot be placed.",
            "Leave template at plain for this base.",
        )
    shift = begin + len(_FENCE) + len(example.language) + 1
    spans: list[Span] = [(start + shift, end + shift) for start, end in example.spans]
    vulnerable = None
    if example.vulnerable is not None:
        side = dataclasses.replace(example.vulnerable, language=example.language, prompt=example.prompt)
        vulnerable = _conversation(side, tokenizer, request)
    return dataclasses.replace(example, text=text, spans=spans, vulnerable=vulnerable, whole=(begin, len(text)))


def _rendered(tokenizer: Any, messages: list[dict[str, str]]) -> str:
    try:
        return tokenizer.apply_chat_template(messages, tokenize=False)
    except Exception as error:  # a template is a program of the model's makers
        raise TrainerError(
            "unsupported-model",
            f"The tokenizer's chat template fails on a request and an answer: {error}",
            "Leave template at plain for this base.",
        ) from error
