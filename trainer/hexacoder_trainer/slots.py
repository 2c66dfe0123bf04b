"""A key/value cache whose rows come and go: the memory of continuous batching.

Think of one table a layer: a row a sequence, a column a token, newest tokens flush right at ``end``.
A new sequence is written into a free row so that its last prompt token stands in the newest column;
positions are stored in the rotated keys, so where a row begins does not matter. A finished row is
overwritten by the last one. Nothing is concatenated, so a step costs no copy of the past.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers.cache_utils import Cache, CacheLayerMixin, DynamicLayer

_COLUMNS_STEP = 64


class SlotLayer(CacheLayerMixin):
    """Keys and values of one layer, [rows, heads, columns, width] with spare rows and columns."""

    is_sliding = False

    def __init__(self, slots: Slots) -> None:
        """Belongs to one table, which says which rows and columns are in use."""
        super().__init__()
        self._slots = slots

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        """Allocates for the table's present size."""
        self.keys = self._slots.allocate(key_states)
        self.values = self._slots.allocate(value_states)
        self.is_initialized = True

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: Any, **__: Any
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Writes one new column and returns the columns in use."""
        if self.keys is None or self.values is None:
            raise RuntimeError("a decoding step before the first sequence was admitted")
        slots, end = self._slots, self._slots.end
        width = key_states.shape[-2]
        self.keys[: slots.rows, :, end : end + width] = key_states
        self.values[: slots.rows, :, end : end + width] = value_states
        used = slice(slots.start, end + width)
        return self.keys[: slots.rows, :, used], self.values[: slots.rows, :, used]

    def get_mask_sizes(self, query_length: int) -> tuple[int, int]:
        """Columns that attention sees, and the first of them."""
        return self.get_seq_length() + query_length, 0

    def get_seq_length(self) -> int:
        """Columns in use."""
        return self._slots.end - self._slots.start

    def get_max_length(self) -> int:
        """No maximum: the table grows."""
        return -1


class Slots:
    """The table of all layers: which rows and columns are in use."""

    def __init__(self, layers: int) -> None:
        """An empty table for a model of so many layers."""
        self.rows = 0
        self.start = 0
        self.end = 0
        self._first: list[int] = []
        self._row_space = 0
        self._column_space = 0
        self._layers = [SlotLayer(self) for _ in range(layers)]
        self._mask = torch.zeros((0, 0), dtype=torch.bool)
        self.cache = Cache(layers=list(self._layers))

    def allocate(self, like: torch.Tensor) -> torch.Tensor:
        """A buffer of the table's size; zeros, because a masked NaN would still spread."""
        heads, width = like.shape[1], like.shape[3]
        return like.new_zeros((self._row_space, heads, self._column_space, width))

    def admit(self, prefilled: Cache, sources: Sequence[int], lengths: Sequence[int]) -> None:
        """Adds rows.

        Args:
            prefilled: Caches of left-padded prompts.
            sources: For each new row, the prompt's row in ``prefilled``; a prompt may occur many times.
            lengths: For each new row, the tokens of its prompt.
        """
        longest = max(lengths)
        if self.rows == 0:
            self.start = self.end = longest
        self._reserve(self.rows + len(sources), longest)
        new = slice(self.rows, self.rows + len(sources))
        index = torch.tensor(sources)
        for layer, filled in zip(self._layers, prefilled.layers, strict=True):
            if not isinstance(filled, DynamicLayer) or filled.keys is None or filled.values is None:
                raise TypeError(f"{type(filled).__name__} is not a cache of keys and values")
            if layer.keys is None or layer.values is None:
                layer.lazy_initialization(filled.keys, filled.values)
            on_device = index.to(filled.keys.device)
            columns = slice(self.end - longest, self.end)
            layer.keys[new, :, columns] = filled.keys[on_device, :, -longest:]
            layer.values[new, :, columns] = filled.values[on_device, :, -longest:]
        self._mask = self._mask.to(on_device.device)
        self._mask[new] = False
        for row, length in enumerate(lengths, start=self.rows):
            self._mask[row, self.end - length : self.end] = True
            self._first.append(self.end - length)
        self.rows += len(sources)
        self.start = min(self._first)

    def open_column(self) -> torch.Tensor | None:
        """Makes room for one token a row; returns the attention mask, None where nothing is padded."""
        self._reserve(self.rows, 0, spare=1)
        self._mask[: self.rows, self.end] = True
        if all(first == self.start for first in self._first):
            return None
        return self._mask[: self.rows, self.start : self.end + 1]

    def close_column(self) -> None:
        """The column that was opened is filled."""
        self.end += 1

    def drop(self, row: int) -> None:
        """Frees a row; the last row takes its place."""
        last = self.rows - 1
        if row != last:
            used = slice(self._first[last], self.end)
            for layer in self._layers:
                if layer.keys is not None and layer.values is not None:
                    layer.keys[row, :, used] = layer.keys[last, :, used]
                    layer.values[row, :, used] = layer.values[last, :, used]
            self._mask[row] = self._mask[last]
            self._first[row] = self._first[last]
        self._first.pop()
        self.rows = last
        self.start = min(self._first, default=self.end)

    def _reserve(self, rows: int, width: int, spare: int = 0) -> None:
        """Makes room for ``rows``, for rows of ``width`` columns before ``end``, and ``spare`` behind it."""
        if width <= self.end and rows <= self._row_space and self.end + spare <= self._column_space:
            return
        # What is in use moves to the front: columns that finished rows left behind are given back.
        used = slice(self.start, self.end)
        shift = max(0, width - (self.end - self.start)) - self.start if self.rows else 0
        need = self.end + shift + spare
        row_space = max(rows, self._row_space)
        column_space = -(-max(need + _COLUMNS_STEP, need * 5 // 4) // _COLUMNS_STEP) * _COLUMNS_STEP
        self._row_space, self._column_space = row_space, column_space
        moved = slice(self.start + shift, self.end + shift)
        for layer in self._layers:
            if layer.keys is None or layer.values is None:
                continue
            old_keys, old_values = layer.keys, layer.values
            layer.keys, layer.values = self.allocate(old_keys), self.allocate(old_values)
            layer.keys[: self.rows, :, moved] = old_keys[: self.rows, :, used]
            layer.values[: self.rows, :, moved] = old_values[: self.rows, :, used]
        mask = torch.zeros((row_space, column_space), dtype=torch.bool, device=self._mask.device)
        if self.rows:
            mask[: self.rows, moved] = self._mask[: self.rows, used]
        self._mask = mask
        self.start, self.end = self.start + shift, self.end + shift
        self._first = [first + shift for first in self._first]
