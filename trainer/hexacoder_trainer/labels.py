"""From changed characters to learned tokens: the masked loss of HexaCoder (paper, section on fine-tuning).

A token is learned when the characters it stands for overlap a changed span. Tokenizers report those
characters imperfectly, and each imperfection would silently move the loss:
- several byte tokens share one character (an emoji of four bytes): all of them are learned;
- offsets trimmed of the leading space, or of a character that normalisation swallowed (a combining
  accent), leave gaps: blanks in a gap belong to the token after it, anything else to the one before.

End of text: EOS is appended, and learned, only when the last change reaches the end of the text. Then
the fix decided where the program stops. Otherwise the base's own habit of stopping is left as it is: an
EOS that is not learned would be the last input, which nothing follows, so it is not appended at all.
With the loss "unmasked" every complete row learns its EOS.

Preference training (the loss "dpo") compares whole programs, with their ends: marked is what stands behind the
tokens that both sides begin with.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate, islice
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .errors import TrainerError
from .rows import Example, Span

_CHUNK = 256


@dataclass(frozen=True)
class Labelled:
    """A row as the model sees it.

    Attributes:
        id: The row's id.
        tokens: Token ids, at most maxLength.
        learned: Which tokens are in the loss; never the first, which nothing predicts. In preference training,
            those that the vulnerable side does not begin with.
        truncated: Whether tokens were cut off.
        changed_later: Whether a token that was cut off would have been learned.
        avoided: Which tokens are to become unlikely; only on a vulnerable side.
        twin: The row's vulnerable side, where it is to be avoided or compared.
    """

    id: str
    tokens: NDArray[np.int32]
    learned: NDArray[np.bool_]
    truncated: bool
    changed_later: bool
    avoided: NDArray[np.bool_]
    twin: Labelled | None = None

    @property
    def kept(self) -> NDArray[np.bool_]:
        """Which tokens are neither learned nor avoided."""
        return ~(self.learned | self.avoided)

    def trimmed(self) -> Labelled:
        """Without what follows the last token that counts: in a causal model it has no part in the loss."""
        marked = np.flatnonzero(self.learned | self.avoided)
        end = int(marked[-1]) + 1 if len(marked) else 1
        return dataclasses.replace(
            self,
            tokens=self.tokens[:end],
            learned=self.learned[:end],
            avoided=self.avoided[:end],
            twin=None if self.twin is None else self.twin.trimmed(),
        )


@dataclass
class LabelledRows:
    """A whole file, and what was left out of it."""

    rows: list[Labelled] = field(default_factory=list)
    tokens: int = 0  # of the rows kept, one pass, also where a trimmed row has fewer
    truncated: int = 0  # rows kept that were cut at maxLength
    total: int = 0
    no_changes: int = 0
    beyond_max_length: int = 0
    no_vulnerable_side: int = 0
    left_out_ids: list[str] = field(default_factory=list)

    @property
    def left_out(self) -> int:
        """Rows without a learning token."""
        return self.no_changes + self.beyond_max_length + self.no_vulnerable_side

    @property
    def learning_tokens(self) -> int:
        """Tokens in the loss, one pass."""
        return sum(int(row.learned.sum()) for row in self.rows)

    @property
    def avoided_tokens(self) -> int:
        """Tokens of vulnerable sides that are to become unlikely, one pass."""
        return sum(int(row.twin.avoided.sum()) for row in self.rows if row.twin is not None)


@dataclass(frozen=True)
class Labeller:
    """Tokenizes examples and marks what is learned.

    Attributes:
        tokenizer: A fast tokenizer.
        max_length: Tokens of the longest row.
        loss: Whether only the changed spans are learned, or everything, or what tells two sides apart.
        twins: Whether rows bring their vulnerable side, to be avoided.
    """

    tokenizer: Any
    max_length: int
    loss: Literal["masked", "unmasked", "dpo"]
    twins: bool = False

    def label_all(self, examples: Iterable[Example], *, trim: bool = False) -> LabelledRows:
        """Labels a file; rows without a learning token are counted and left out.

        Args:
            examples: The file's rows.
            trim: Drop what follows a row's last token that counts, which changes no loss without an anchor.
        """
        result = LabelledRows()
        for row in self.label(examples):
            result.total += 1
            if self._teaches(row):
                result.rows.append(row.trimmed() if trim else row)
                result.tokens += len(row.tokens)
                result.truncated += row.truncated
                continue
            if self.loss == "dpo" and row.twin is None:
                result.no_vulnerable_side += 1
            elif row.changed_later:
                result.beyond_max_length += 1
            else:
                result.no_changes += 1
            if len(result.left_out_ids) < 20:
                result.left_out_ids.append(row.id)
        return result

    def _teaches(self, row: Labelled) -> bool:
        if self.loss != "dpo" or row.twin is None:
            return bool(row.learned.any())
        return bool(row.learned.any() or row.twin.avoided.any())

    def label(self, examples: Iterable[Example]) -> Iterator[Labelled]:
        """Labels examples one by one (tokenizing them in chunks, which is faster)."""
        if not getattr(self.tokenizer, "is_fast", False):
            raise _no_offsets(self.tokenizer)
        source = iter(examples)
        while chunk := list(islice(source, _CHUNK)):
            if self.loss == "dpo":
                yield from self._compared(chunk)
                continue
            twins = self._avoid([example.vulnerable for example in chunk if example.vulnerable and self.twins])
            for example, row in zip(chunk, self._label_chunk(chunk, ends=True), strict=True):
                twin = next(twins) if example.vulnerable and self.twins else None
                yield dataclasses.replace(row, twin=twin) if twin is not None and twin.avoided.any() else row

    def _compared(self, chunk: list[Example]) -> Iterator[Labelled]:
        """Both sides of each pair whole, marked behind what they share; a row without a pair has no mark."""
        twins = self._label_chunk([example.vulnerable for example in chunk if example.vulnerable], ends=True)
        for example, row in zip(chunk, self._label_chunk(chunk, ends=True), strict=True):
            if example.vulnerable:
                yield told_apart(row, next(twins))
            else:
                yield dataclasses.replace(row, learned=row.avoided, changed_later=False)

    def _avoid(self, sides: list[Example]) -> Iterator[Labelled]:
        """Vulnerable sides: what would be learned is to be avoided, but where a program ends is left alone."""
        for row in self._label_chunk(sides, ends=False):
            yield dataclasses.replace(row, learned=row.avoided, avoided=row.learned)

    def _label_chunk(self, chunk: list[Example], *, ends: bool) -> Iterator[Labelled]:
        encoded = self.tokenizer(
            [example.text for example in chunk],
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
            return_attention_mask=False,
            add_special_tokens=chunk[0].whole is None if chunk else True,  # a chat template wrote its own
            verbose=False,
        )
        for index, example in enumerate(chunk):
            tokens, offsets, special = (
                encoded[key][index] for key in ("input_ids", "offset_mapping", "special_tokens_mask")
            )
            yield self._label_one(example, tokens, offsets, special, ends=ends)

    def _label_one(
        self, example: Example, tokens: list[int], offsets: list[Span], special: list[int], *, ends: bool
    ) -> Labelled:
        while special and special[-1]:  # an EOS or the like that the tokenizer adds: ours is decided below
            tokens, offsets, special = tokens[:-1], offsets[:-1], special[:-1]
        spans = example.spans if self.loss == "masked" else [example.whole or (0, len(example.text))]
        own = [index for index, is_special in enumerate(special) if not is_special]
        covered = cover(example.text, [offsets[index] for index in own])
        learned = [False] * len(tokens)
        for index, overlaps in zip(own, overlapping(covered, spans, len(example.text)), strict=True):
            learned[index] = overlaps
        eos = self.tokenizer.eos_token_id
        if ends and example.whole is None and eos is not None and spans and spans[-1][1] >= len(example.text):
            tokens, learned = [*tokens, eos], [*learned, True]
        if learned:
            learned[0] = False
        return Labelled(
            id=example.id,
            tokens=np.asarray(tokens[: self.max_length], dtype=np.int32),
            learned=np.asarray(learned[: self.max_length], dtype=np.bool_),
            truncated=len(tokens) > self.max_length,
            changed_later=any(learned[self.max_length :]),
            avoided=np.zeros(min(len(tokens), self.max_length), dtype=np.bool_),
        )


def told_apart(fixed: Labelled, vulnerable: Labelled) -> Labelled:
    """A pair whose sides are marked behind the tokens that both begin with."""
    length = min(len(fixed.tokens), len(vulnerable.tokens))
    differ = np.flatnonzero(fixed.tokens[:length] != vulnerable.tokens[:length])
    shared = max(1, int(differ[0]) if len(differ) else length)  # nothing predicts the first token
    avoided = np.arange(len(vulnerable.tokens)) >= shared
    twin = dataclasses.replace(vulnerable, learned=np.zeros_like(avoided), avoided=avoided)
    return dataclasses.replace(fixed, learned=np.arange(len(fixed.tokens)) >= shared, twin=twin)


def cover(text: str, offsets: list[Span]) -> list[Span]:
    """Closes the gaps between token offsets, so that every character belongs to some token.

    Args:
        text: The text that was tokenized.
        offsets: One span a token, in order; several tokens may share a character.
    """
    covered: list[Span] = []
    reached = 0
    for start, end in offsets:
        if start > reached:
            blank = next((at for at in range(reached, start) if text[at].isspace()), start)
            if covered and blank > reached:
                _extend_last(covered, reached, blank)
                reached = blank
        begin = min(start, reached)
        covered.append((begin, max(end, begin)))
        reached = max(reached, end)
    if covered and reached < len(text):
        _extend_last(covered, reached, len(text))
    return covered


def overlapping(covered: list[Span], spans: list[Span], length: int) -> list[bool]:
    """For each covered span, whether it overlaps one of ``spans`` by at least a character."""
    changed = bytearray(length)
    for start, end in spans:
        changed[start:end] = b"\1" * (min(end, length) - start)
    before = [0, *accumulate(changed)]
    return [before[end] > before[start] for start, end in covered]


def _extend_last(covered: list[Span], old_end: int, new_end: int) -> None:
    """Extends the last token, and those that end with it (they share its last character)."""
    for index in range(len(covered) - 1, -1, -1):
        if covered[index][1] != old_end:
            break
        covered[index] = (covered[index][0], new_end)


def _no_offsets(tokenizer: Any) -> TrainerError:
    return TrainerError(
        "tokenizer-without-offsets",
        f"The tokenizer {type(tokenizer).__name__} cannot say which characters a token stands for, so a loss "
        "on changed spans cannot be placed.",
        "Use a base with a fast tokenizer (a tokenizer.json beside its weights); most have one.",
    )
