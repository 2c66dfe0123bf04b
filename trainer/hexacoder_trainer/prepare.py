"""Loads and checks everything that can be wrong with a run before its first step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from . import events, model
from .accelerated import check_acceleration, load_quantized, with_liger
from .chat import in_chat
from .checkpoint import newest_checkpoint
from .config import RunConfig
from .errors import TrainerError
from .export import Result, read_state
from .identity import Identity, check_identity, make_identity
from .labels import LabelledRows, Labeller
from .mixture import Mixture
from .parallel import Ranks
from .rows import Example, hash_files, read_examples, read_replay

Emit = Callable[[Any], None]


@dataclass(frozen=True)
class Prepared:
    """A run that can begin.

    Attributes:
        config: The run file.
        device: Where this process runs.
        dtype: Of the base's weights.
        tokenizer: The base's tokenizer.
        base: The base model, without adapter.
        train_rows: Training rows as tokens.
        eval_rows: Evaluation rows as tokens.
        mixture: What each epoch is made of: the training rows, and replay where there is any.
        identity: Settings and hashes that a resumed run must share.
    """

    config: RunConfig
    device: torch.device
    dtype: torch.dtype
    tokenizer: Any
    base: Any
    train_rows: LabelledRows
    eval_rows: LabelledRows
    mixture: Mixture
    identity: Identity

    @property
    def checkpoints(self) -> Path:
        """Where checkpoints are while the run goes on."""
        return Path(self.config.out) / "checkpoints"


def prepare(config: RunConfig, emit: Emit, ranks: Ranks) -> Prepared:
    """Reads data and base; emits how many rows were left out.

    Args:
        config: The run file.
        emit: Receives events.
        ranks: The processes that train together, each of which prepares the same run.

    Raises:
        TrainerError: With a code for each thing that can be wrong.
    """
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    device = model.choose_device(config.device, ranks.local)
    dtype = model.choose_dtype(config.dtype, device)
    check_acceleration(config, device)
    replayed = [config.data.replay] if config.data.replay is not None else []
    data_hash = hash_files(config.data.train, config.data.eval, *replayed)
    tokenizer = model.load_tokenizer(config.base)
    labeller = Labeller(tokenizer, config.max_length, config.loss, twins=config.unlikelihood > 0)
    trim = config.anchor == 0  # the anchor counts tokens behind the last change, too
    source = _Source(labeller, emit, config.chat_request if config.template == "chat" else None)
    train_rows = source.labelled(config.data.train, "train", trim=trim)
    eval_rows = source.labelled(config.data.eval, "eval", trim=True)
    replay = source.labelled(config.data.replay, "replay", trim=trim)
    if config.unlikelihood > 0 and train_rows.avoided_tokens == 0:
        raise _no_vulnerable_side(config.data.train)
    base, fingerprint = _load_base(config, device, dtype, ranks)
    return Prepared(
        config=config,
        device=device,
        dtype=dtype,
        tokenizer=tokenizer,
        base=base,
        train_rows=train_rows,
        eval_rows=eval_rows,
        mixture=Mixture(train_rows.rows, replay.rows, config.replay_share, config.seed),
        identity=make_identity(config, data_hash, fingerprint),
    )


def _load_base(config: RunConfig, device: torch.device, dtype: torch.dtype, ranks: Ranks) -> tuple[Any, str]:
    """The base, and what tells it from others."""
    if config.quantize is not None:
        base, fingerprint = load_quantized(config.base, device, dtype)
    else:
        # What is to be shared out is read on the processor: a whole base may not fit onto one device.
        base = model.load_base(config.base, torch.device("cpu") if ranks.sharded else device, dtype)
        fingerprint = model.fingerprint(base)
    if config.liger:
        with_liger(base)
    return base, fingerprint


def finished_before(run: Prepared) -> Result | None:
    """The result of a run that is complete already; anything else in ``out`` must belong to this run."""
    out = Path(run.config.out)
    state = read_state(out)
    if not run.config.resume and (state is not None or newest_checkpoint(run.checkpoints) is not None):
        raise TrainerError(
            "out-exists",
            f"The folder {out} already holds a training run.",
            "Go on with it by --resume, or choose another folder.",
        )
    if state is None:
        return None
    check_identity(state["identity"], run.identity, out)
    return Result(
        step=state["step"],
        best_step=state["bestStep"],
        eval_loss=state["evalLoss"],
        evals=[],
        facts=state["facts"],
        identity=state["identity"],
    )


_READERS: dict[str, Callable[[Path], Iterator[Example]]] = {
    "train": read_examples,
    "eval": read_examples,
    "replay": read_replay,
}


@dataclass(frozen=True)
class _Source:
    """Reads data files as the run wants them.

    Attributes:
        labeller: Tokenizes and marks.
        emit: Hears of rows that are left out.
        request: What the user asks in chat examples; None for plain text.
    """

    labeller: Labeller
    emit: Emit
    request: str | None

    def labelled(self, path: str | None, split: Literal["train", "eval", "replay"], *, trim: bool) -> LabelledRows:
        """The rows of a file that have something to learn; no file has none."""
        if path is None:
            return LabelledRows()
        examples = _READERS[split](Path(path))
        if self.request is not None:
            examples = in_chat(examples, self.labeller.tokenizer, self.request)
        rows = self.labeller.label_all(examples, trim=trim)
        if rows.left_out:
            self.emit(
                events.RowsWithoutLearningTokens(
                    split=split,
                    count=rows.left_out,
                    of_rows=rows.total,
                    no_changes=rows.no_changes,
                    beyond_max_length=rows.beyond_max_length,
                    no_vulnerable_side=rows.no_vulnerable_side,
                    ids=rows.left_out_ids,
                )
            )
        if rows.total > 0 and rows.no_vulnerable_side == rows.total:
            raise _nothing_to_compare(path)
        if not rows.rows:
            raise TrainerError(
                "no-learning-tokens",
                f"None of the {rows.total} rows of {path} has a token to learn: {rows.no_changes} have no change, "
                f"{rows.beyond_max_length} have theirs behind maxLength.",
                "Check the data's changes, raise maxLength, or train with the loss unmasked.",
            )
        return rows


def _nothing_to_compare(path: str) -> TrainerError:
    return TrainerError(
        "no-learning-tokens",
        f"The loss dpo compares the two sides of a fix, and no row of {path} has a vulnerable side.",
        "Build the data with both sides (hexacoder dataset build --vulnerable-side), or take another loss.",
    )


def _no_vulnerable_side(path: str) -> TrainerError:
    return TrainerError(
        "no-learning-tokens",
        f"Unlikelihood was asked for, and no row of {path} has a vulnerable side with something to avoid.",
        "Build the data with both sides (hexacoder dataset build --vulnerable-side), or leave unlikelihood at 0.",
    )
