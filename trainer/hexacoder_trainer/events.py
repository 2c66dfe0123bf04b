"""The protocol: one JSON object a line on standard output, and nothing else there.

``test/fixtures/trainer-events.jsonl`` holds one example of each event; this package's tests and Node's
both read it, so that the two sides cannot drift apart. Free text goes to standard error.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from . import strict
from .errors import interrupted
from .strict import field


@dataclass(frozen=True)
class Start:
    """Training is about to begin (or to go on)."""

    event: ClassVar[str] = "start"
    protocol: Literal[1] = field("Version of this protocol")
    base: str = field("The base model, as given")
    device: str = field("cpu or cuda")
    dtype: str = field("float32 or bfloat16")
    train_rows: int = field("Training rows that have something to learn")
    eval_rows: int = field("Evaluation rows that have something to learn")
    truncated_rows: int = field("Training rows cut at maxLength")
    learning_tokens: int = field("Training tokens in the loss, one pass")
    tokens: int = field("Training tokens, one pass")
    steps: int = field("Optimizer steps of the whole run")
    epochs: float = field("Passes that these steps make")
    trainable_params: int = field("Parameters of the adapter")
    total_params: int = field("Parameters of base and adapter")
    target_modules: list[str] = field("Suffixes of the adapted modules")
    data_hash: str = field("SHA-256 of the data files")
    versions: dict[str, str] = field("python, torch, transformers, peft, hexacoderTrainer")
    replay_rows: int = field("Benign rows beside the training rows, an epoch", default=0)
    avoided_tokens: int = field("Tokens of vulnerable sides to make unlikely, one pass", default=0)
    processes: int = field("Processes that train together", default=1)


@dataclass(frozen=True)
class RowsWithoutLearningTokens:
    """Rows left out because no token of theirs is in the loss."""

    event: ClassVar[str] = "rows-without-learning-tokens"
    split: Literal["train", "eval", "replay"] = field("Which file")
    count: int = field("Rows left out")
    of_rows: int = field("Rows in the file")
    no_changes: int = field("Of these: the row has no changed character (or only its first token)")
    beyond_max_length: int = field("Of these: every change lies behind maxLength")
    ids: list[str] = field("Ids of the first 20")
    no_vulnerable_side: int = field("Of these, with the loss dpo: there is nothing to compare with", default=0)


@dataclass(frozen=True)
class Resumed:
    """The run goes on from a checkpoint."""

    event: ClassVar[str] = "resumed"
    step: int = field("Steps already done")
    path: str = field("The checkpoint")


@dataclass(frozen=True)
class Step:
    """One optimizer step is done."""

    event: ClassVar[str] = "step"
    step: int = field("Steps done")
    steps: int = field("Steps of the whole run")
    epoch: float = field("Passes done")
    loss: float = field("Mean cross-entropy of the step's learning tokens, or preference loss of its pairs, nats")
    lr: float = field("Learning rate of the step")
    grad_norm: float = field("Gradient norm before clipping")
    tokens_per_second: float = field("Tokens without padding a second, this step")
    seconds_left: float = field("Estimate for the rest of the run")
    preferred: float | None = field("With the loss dpo: share of pairs whose fixed side is preferred", default=None)


@dataclass(frozen=True)
class Eval:
    """One pass over the evaluation rows."""

    event: ClassVar[str] = "eval"
    step: int = field("Steps done")
    loss: float = field("Mean over all evaluation learning tokens (or pairs) of what the step's loss is, nats")
    best: bool = field("Whether it is the lowest so far")
    preferred: float | None = field("With the loss dpo: share of pairs whose fixed side is preferred", default=None)


@dataclass(frozen=True)
class Saved:
    """A checkpoint is on disk."""

    event: ClassVar[str] = "saved"
    step: int = field("Steps done")
    path: str = field("The checkpoint's folder")


@dataclass(frozen=True)
class Finished:
    """The adapter is in its folder."""

    event: ClassVar[str] = "finished"
    step: int = field("Steps done")
    eval_loss: float | None = field("Evaluation loss of the exported adapter")
    best_step: int | None = field("Step of the exported adapter")
    path: str = field("The adapter's folder")
    seconds: float = field("Wall time of this process")


@dataclass(frozen=True)
class Merged:
    """Base and adapter are one model in a folder."""

    event: ClassVar[str] = "merged"
    path: str = field("The model's folder")
    seconds: float = field("Wall time of this process")


@dataclass(frozen=True)
class Failed:
    """The last event of a process that did not do what it was asked."""

    event: ClassVar[str] = "failed"
    code: str = field("A code of errors.EXIT_STATUS")
    message: str = field("What failed and where")
    remedy: str = field("What to do next")


@dataclass(frozen=True)
class Ready:
    """The server listens."""

    event: ClassVar[str] = "ready"
    protocol: Literal[1] = field("Version of this protocol")
    host: str = field("Address it listens on")
    port: int = field("Port it listens on")
    url: str = field("Base URL of the API, ending in /v1")
    model: str = field("The base model's id")
    adapters: list[str] = field("Ids of the adapters")
    context_length: int = field("Tokens of prompt and completion together")
    device: str = field("cpu or cuda")
    dtype: str = field("float32, bfloat16 or float64")
    versions: dict[str, str] = field("python, torch, transformers, peft, hexacoderTrainer")


EVENTS: dict[str, type] = {
    cls.event: cls
    for cls in (Start, RowsWithoutLearningTokens, Resumed, Step, Eval, Saved, Finished, Merged, Failed, Ready)
}


def to_json(event: Any) -> str:
    """One line of the protocol, without its newline. ASCII only, so that no locale can break it."""
    return json.dumps({"event": event.event, **strict.dump(event)}, allow_nan=False)


def facts(event: Any) -> dict[str, Any]:
    """The fields of an event as they stand in JSON."""
    return strict.dump(event)


def from_json(line: str) -> Any:
    """Reads one line of the protocol back, strictly."""
    value = strict.load_json(line)
    if not isinstance(value, dict) or value.get("event") not in EVENTS:
        raise strict.StrictError(f"not an event: {line[:80]}")
    return strict.parse(EVENTS[value.pop("event")], value)


class EventWriter:
    """Owns the real standard output; whatever else prints lands on standard error.

    Libraries print to standard output (progress bars, warnings, C code): the descriptor itself is
    moved away, so that not even they can break the protocol.
    """

    def __init__(self, descriptor: int) -> None:
        """Writes to an open file descriptor."""
        self._descriptor = descriptor

    @classmethod
    def on_stdout(cls) -> EventWriter:
        """Takes standard output over for the rest of the process."""
        sys.stdout.flush()
        own = os.dup(1)
        os.dup2(2, 1)
        return cls(own)

    def emit(self, event: Any) -> None:
        """Writes one event at once; a reader that went away ends the run as an interruption would."""
        data = (to_json(event) + "\n").encode()
        try:
            while data:
                data = data[os.write(self._descriptor, data) :]
        except BrokenPipeError as error:
            raise interrupted("Nobody reads the events any more.") from error
