"""One thread that decodes for everybody: requests come in, are cut into sequences, join a batch, go out.

Every model (the base and each adapter) has a ``Decoder`` of its own; they take turns, a token each.
Batching is continuous: a sequence that ends makes room at once, and waiting ones join when a good part
of the room is free (a prefill stops everybody else for its time).
"""

from __future__ import annotations

import threading
import time
import traceback
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

import torch

from .decode import Decoder, Sampled
from .errors import TrainerError, explain
from .text import TextDecoder

_GATHER_SECONDS = 0.003


@dataclass(eq=False)
class Job:
    """One request: its sequences, and the promise of them all.

    Attributes:
        model: Name of the model that writes them.
        sequences: One a choice.
        done: Resolves to None when every sequence is finished.
        open: Sequences that are not finished.
    """

    model: str
    sequences: list[Sampled]
    done: Future[None] = field(default_factory=Future)
    open: int = 0

    def cancel(self) -> None:
        """Nobody waits any more: its sequences leave at the next step."""
        for sequence in self.sequences:
            sequence.cancelled = True


class Engine:
    """Runs the decoders on a thread of its own."""

    def __init__(
        self, models: dict[str, Any], text: TextDecoder, end_tokens: frozenset[int], *, max_batch: int, threads: int
    ) -> None:
        """Takes the models by name; starts nothing yet."""
        self._decoders = {name: Decoder(model, text, end_tokens) for name, model in models.items()}
        self._waiting: deque[Sampled] = deque()
        self._jobs: dict[int, Job] = {}
        self._max_batch = max_batch
        self._threads = threads
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="decoding", daemon=True)

    def start(self) -> None:
        """Starts decoding."""
        self._thread.start()

    def stop(self) -> None:
        """Ends the thread; requests under way fail."""
        with self._changed:
            self._stopping = True
            self._changed.notify()
        self._thread.join(timeout=10)

    def submit(self, job: Job) -> None:
        """Queues a request."""
        job.open = len(job.sequences)
        with self._changed:
            if self._stopping:
                job.done.set_exception(_shutting_down())
                return
            for sequence in job.sequences:
                self._jobs[id(sequence)] = job
            self._waiting.extend(job.sequences)
            self._changed.notify()

    @property
    def load(self) -> dict[str, int]:
        """Sequences being written and waiting."""
        return {
            "active": sum(decoder.active for decoder in self._decoders.values()),
            "waiting": len(self._waiting),
        }

    def _run(self) -> None:
        # OpenMP keeps the number of threads per calling thread: setting it in the main thread is not enough.
        torch.set_num_threads(self._threads)
        while self._wait_for_work():
            joining = self._take_waiting()
            for name, decoder in self._decoders.items():
                try:
                    self._finish(decoder.admit(joining[name]))
                    if decoder.active:
                        self._finish(decoder.step())
                except Exception as error:
                    self._fail([*decoder.clear(), *joining[name]], error)
        lost = [sequence for decoder in self._decoders.values() for sequence in decoder.clear()]
        self._fail([*lost, *self._waiting], _shutting_down())

    def _wait_for_work(self) -> bool:
        if not self._stopping and not any(decoder.active for decoder in self._decoders.values()):
            with self._changed:
                while not self._stopping and not self._waiting:
                    self._changed.wait()
            # Requests that are sent together arrive one after the other: a moment's wait puts them in one batch.
            time.sleep(_GATHER_SECONDS)
        return not self._stopping

    def _take_waiting(self) -> dict[str, list[Sampled]]:
        """Takes those who waited longest, whatever their model, when there is room worth a prefill."""
        taken: dict[str, list[Sampled]] = {name: [] for name in self._decoders}
        free = self._max_batch - sum(decoder.active for decoder in self._decoders.values())
        if free < min(len(self._waiting), max(1, self._max_batch // 4)):
            return taken
        with self._changed:
            while self._waiting and free > 0:
                sequence = self._waiting.popleft()
                if sequence.cancelled:
                    self._finish([sequence])
                else:
                    taken[self._jobs[id(sequence)].model].append(sequence)
                    free -= 1
        return taken

    def _finish(self, sequences: Sequence[Sampled]) -> None:
        for sequence in sequences:
            job = self._jobs.pop(id(sequence))
            job.open -= 1
            if job.open == 0 and not job.done.done():
                job.done.set_result(None)

    def _fail(self, sequences: Sequence[Sampled], error: Exception) -> None:
        failure = explain(error)
        if failure.code == "internal-error":
            traceback.print_exception(error)
        for sequence in sequences:
            job = self._jobs.pop(id(sequence), None)
            if job is not None and not job.done.done():
                job.cancel()
                job.done.set_exception(failure)


def _shutting_down() -> TrainerError:
    return TrainerError("interrupted", "The server is shutting down.", "Start it again and repeat the request.")
