"""Token ids to text, and where to stop.

The text of a completion is decoded with the last prompt tokens before it, because some tokenizers drop
the blank of a text's first token. Stop strings are looked for in a short tail at every token and found
exactly in the whole text once the tail has one, so a stop string may begin and end inside tokens.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

_PROMPT_TAIL = 4
_REPLACEMENT = "\ufffd"


class TextDecoder:
    """Decodes with the tokenizer's own backend, which is several times faster than its wrapper."""

    def __init__(self, tokenizer: Any) -> None:
        """Takes any tokenizer of transformers."""
        backend = getattr(tokenizer, "backend_tokenizer", None)
        self._tokenizer = tokenizer
        self._decode = getattr(backend, "decode", None)

    def decode(self, tokens: Sequence[int]) -> str:
        """Text of some tokens; special tokens have none."""
        if self._decode is not None:
            return self._decode(tokens, skip_special_tokens=True)
        return self._tokenizer.decode(tokens, skip_special_tokens=True, clean_up_tokenization_spaces=False)

    def completion(self, prompt: Sequence[int], tokens: Sequence[int]) -> str:
        """Text that ``tokens`` add behind ``prompt``."""
        tail = list(prompt[-_PROMPT_TAIL:])
        before = self.decode(tail)
        whole = self.decode([*tail, *tokens])
        return whole[len(before) :] if whole.startswith(before) else self.decode(tokens)


class StopFinder:
    """Finds the first of several stop strings in a growing completion."""

    def __init__(self, decoder: TextDecoder, stops: Sequence[str]) -> None:
        """Takes the stop strings of one request; there may be none."""
        self._decoder = decoder
        self._stops = list(stops)
        # A token stands for at least one byte, so this many hold the longest stop string.
        self._window = max((len(stop.encode()) for stop in stops), default=0) + 4

    def may_have_stopped(self, tokens: Sequence[int]) -> bool:
        """Whether the newest tokens complete a stop string."""
        if not self._stops:
            return False
        tail = self._decoder.decode(tokens[-self._window :])
        return any(stop in tail for stop in self._stops)

    def cut(self, text: str) -> str | None:
        """The text before the first stop string, or None when there is none in it."""
        found = [at for stop in self._stops if (at := text.find(stop)) >= 0]
        return text[: min(found)] if found else None


def whole_characters(text: str) -> str:
    """Drops the replacement characters that a character cut in half at the token limit leaves."""
    return text.rstrip(_REPLACEMENT)
