"""One training run: LoRA on a causal language model, loss on the changed spans only.

Everything random is a function of (seed, step): the order of the rows, dropout, the adapter's first
weights. So a run that was killed and resumed does the same steps as one that was not.
"""

from __future__ import annotations

import fcntl
import math
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from peft import LoraConfig, get_peft_model, get_peft_model_state_dict, set_peft_model_state_dict

from . import PROTOCOL, events, model
from .batches import batches_from, collate, steps_an_epoch
from .checkpoint import Checkpoint, Weights, load_checkpoint, newest_checkpoint, save_checkpoint
from .config import RunConfig, result_settings, settings_hash
from .errors import TrainerError
from .export import Result, export_adapter, read_state
from .labels import Labelled, LabelledRows, Labeller
from .loss import loss_sum
from .rows import hash_files, read_examples

Emit = Callable[[Any], None]


def train(config: RunConfig, emit: Emit) -> None:
    """Trains (or goes on training) and leaves the adapter in ``config.out``.

    Args:
        config: A checked run file.
        emit: Receives the events of ``events.py``.

    Raises:
        TrainerError: When the run cannot be done, or was interrupted.
    """
    began = time.monotonic()
    if config.threads is not None:
        torch.set_num_threads(config.threads)
    out = Path(config.out)
    with _owned(out), _Interruption() as interruption:
        run = _prepare(config, emit)
        done = _finished_before(run)
        if done is None:
            run.attach_adapter()
            emit(run.start_event())
            run.resume_from_checkpoint(emit)
            run.train_steps(emit, interruption)
            done = run.export()
            shutil.rmtree(run.checkpoints, ignore_errors=True)
        emit(
            events.Finished(
                step=done.step,
                eval_loss=done.eval_loss,
                best_step=done.best_step,
                path=str(out),
                seconds=round(time.monotonic() - began, 3),
            )
        )


def learning_rate(config: RunConfig, step: int, steps: int) -> float:
    """Rate of the step that follows ``step`` finished ones."""
    warmup = math.ceil(config.warmup_ratio * steps)
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    if config.schedule == "constant":
        return config.learning_rate
    progress = (step - warmup) / max(1, steps - warmup)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))


def total_steps(config: RunConfig, rows: int) -> int:
    """Optimizer steps of the whole run."""
    steps = math.ceil(config.epochs * steps_an_epoch(rows, config.batch_size) - 1e-9)
    return max(1, min(steps, config.max_steps or steps))


def evaluates_after(config: RunConfig, step: int, steps: int, rows: int) -> bool:
    """Whether an evaluation follows finished step ``step``; the last step always has one."""
    if config.data.eval is None:
        return False
    if step == steps:
        return True
    if config.eval_every_steps is not None:
        return step % config.eval_every_steps == 0
    an_epoch = steps_an_epoch(rows, config.batch_size)
    times = config.eval_per_epoch or 1
    return step * times // an_epoch > (step - 1) * times // an_epoch


@dataclass
class _Run:
    """State of one run. ``base`` is the model without, ``model`` with the adapter."""

    config: RunConfig
    device: torch.device
    dtype: torch.dtype
    tokenizer: Any
    base: Any
    train_rows: LabelledRows
    eval_rows: LabelledRows
    identity: dict[str, Any]
    steps: int
    targets: list[str] = field(default_factory=list)
    model: Any = None
    optimizer: Any = None
    sparse_logits: bool = False
    step: int = 0
    best: Weights | None = None
    best_step: int | None = None
    best_loss: float | None = None
    evals: list[list[float]] = field(default_factory=list)

    @property
    def checkpoints(self) -> Path:
        return Path(self.config.out) / "checkpoints"

    def attach_adapter(self) -> None:
        """Puts LoRA on the base; its first weights depend on the seed alone."""
        lora = self.config.lora
        self.targets = lora.target_modules or model.attention_projections(self.base)
        model.check_target_modules(self.base, self.targets)
        self.sparse_logits = model.takes_logits_to_keep(self.base)
        if self.config.gradient_checkpointing:
            self.base.gradient_checkpointing_enable()
            self.base.enable_input_require_grads()
        torch.manual_seed(self.config.seed)
        peft_config = LoraConfig(
            task_type="CAUSAL_LM",
            r=lora.rank,
            lora_alpha=lora.alpha,
            lora_dropout=lora.dropout,
            target_modules=self.targets,
            bias=lora.bias,
        )
        self.model = get_peft_model(self.base, peft_config)
        trainable = [weight for weight in self.model.parameters() if weight.requires_grad]
        self.optimizer = torch.optim.AdamW(
            trainable, lr=self.config.learning_rate, weight_decay=self.config.weight_decay
        )

    def start_event(self) -> events.Start:
        """The figures of this run."""
        config, rows = self.config, self.train_rows
        return events.Start(
            protocol=PROTOCOL,
            base=config.base,
            device=self.device.type,
            dtype=model.dtype_name(self.dtype),
            train_rows=len(rows.rows),
            eval_rows=len(self.eval_rows.rows),
            truncated_rows=rows.truncated,
            learning_tokens=rows.learning_tokens,
            tokens=rows.tokens,
            steps=self.steps,
            epochs=round(self.steps / steps_an_epoch(len(rows.rows), config.batch_size), 3),
            trainable_params=sum(w.numel() for w in self.model.parameters() if w.requires_grad),
            total_params=sum(w.numel() for w in self.model.parameters()),
            target_modules=self.targets,
            data_hash=self.identity["dataHash"],
            versions=model.versions(),
        )

    def resume_from_checkpoint(self, emit: Emit) -> None:
        """Goes on from the newest checkpoint where resuming is asked for and there is one."""
        path = newest_checkpoint(self.checkpoints)
        if path is None:
            return
        saved = load_checkpoint(path)
        _check_identity(saved.identity, self.identity, path)
        set_peft_model_state_dict(self.model, saved.adapter)
        self.optimizer.load_state_dict(saved.optimizer)
        self.step, self.evals = saved.step, saved.evals
        self.best, self.best_step, self.best_loss = saved.best, saved.best_step, saved.best_loss
        emit(events.Resumed(step=self.step, path=str(path)))

    def train_steps(self, emit: Emit, interruption: _Interruption) -> None:
        """Runs the remaining steps, with evaluations and checkpoints on the way."""
        config, rows = self.config, self.train_rows.rows
        lengths = [len(row.tokens) for row in rows]
        order = batches_from(lengths, config.batch_size, config.seed, self.step)
        clock = _Clock(self.steps - self.step)
        while self.step < self.steps:
            interruption.check(self.save if self.step else None, emit)
            emit(self._one_step([rows[index] for index in next(order)], clock))
            if evaluates_after(config, self.step, self.steps, len(rows)):
                emit(self._evaluate())
            if self.step % config.save_every_steps == 0 and self.step < self.steps:
                emit(self.save())

    def save(self) -> events.Saved:
        """Writes a checkpoint."""
        checkpoint = Checkpoint(
            step=self.step,
            adapter=self._adapter(),
            optimizer=self.optimizer.state_dict(),
            best=self.best,
            best_step=self.best_step,
            best_loss=self.best_loss,
            evals=self.evals,
            identity=self.identity,
        )
        return events.Saved(step=self.step, path=str(save_checkpoint(self.checkpoints, checkpoint)))

    def export(self) -> Result:
        """Writes the adapter folder: the best adapter or the last, as the run file says."""
        use_best = self.config.keep_best and self.best is not None
        weights = self.best if use_best and self.best is not None else self._adapter()
        last_loss = self.evals[-1][1] if self.evals else None
        start = self.start_event()
        result = Result(
            step=self.step,
            best_step=self.best_step if use_best else self.step,
            eval_loss=self.best_loss if use_best else last_loss,
            evals=self.evals,
            facts=events.facts(start),
            identity=self.identity,
        )
        peft_config = self.model.peft_config["default"]
        export_adapter(Path(self.config.out), self.config, peft_config, self.tokenizer, weights, result)
        return result

    def _one_step(self, rows: list[Labelled], clock: _Clock) -> events.Step:
        config = self.config
        rate = learning_rate(config, self.step, self.steps)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss, size = self._backward(rows)
        trainable = self.optimizer.param_groups[0]["params"]
        norm = float(torch.nn.utils.clip_grad_norm_(trainable, config.grad_clip or math.inf))
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise _not_finite(self.step + 1, loss, rate)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.step += 1
        speed, left = clock.tick(size)
        return events.Step(
            step=self.step,
            steps=self.steps,
            epoch=round(self.step / steps_an_epoch(len(self.train_rows.rows), config.batch_size), 4),
            loss=loss,
            lr=rate,
            grad_norm=norm,
            tokens_per_second=speed,
            seconds_left=left,
        )

    def _backward(self, rows: list[Labelled]) -> tuple[float, int]:
        """Accumulates gradients; every micro-batch is divided by the learned tokens of the whole step."""
        learned = sum(int(row.learned.sum()) for row in rows)
        loss, size = 0.0, 0
        self.model.train()
        for number, batch in enumerate(self._micro_batches(rows)):
            torch.manual_seed(_mix(self.config.seed, self.step, number))
            part = loss_sum(self.model, batch, sparse_logits=self.sparse_logits) / learned
            part.backward()
            loss += float(part.detach())
            size += batch.size
        return loss, size

    def _evaluate(self) -> events.Eval:
        rows = sorted(self.eval_rows.rows, key=lambda row: len(row.tokens))
        learned = sum(int(row.learned.sum()) for row in rows)
        self.model.eval()
        with torch.no_grad():
            loss = math.fsum(
                float(loss_sum(self.model, batch, sparse_logits=self.sparse_logits))
                for batch in self._micro_batches(rows)
            ) / max(1, learned)
        if not math.isfinite(loss):
            raise _not_finite(self.step, loss, self.config.learning_rate)
        best = self.best_loss is None or loss < self.best_loss
        if best:
            self.best_loss, self.best_step = loss, self.step
            self.best = self._adapter() if self.config.keep_best else None
        self.evals = [*self.evals, [self.step, loss]]
        return events.Eval(step=self.step, loss=loss, best=best)

    def _micro_batches(self, rows: list[Labelled]) -> Iterator[Any]:
        size, pad = self.config.micro_rows, model.pad_token(self.tokenizer)
        for start in range(0, len(rows), size):
            yield collate(rows[start : start + size], pad, self.device)

    def _adapter(self) -> Weights:
        weights = get_peft_model_state_dict(self.model, save_embedding_layers=False)
        return {name: weight.detach().cpu().clone().contiguous() for name, weight in weights.items()}


def _prepare(config: RunConfig, emit: Emit) -> _Run:
    """Loads and checks everything that can be wrong before the first step."""
    device = model.choose_device(config.device)
    dtype = model.choose_dtype(config.dtype, device)
    data_hash = hash_files(config.data.train, config.data.eval)
    tokenizer = model.load_tokenizer(config.base)
    labeller = Labeller(tokenizer, config.max_length, config.loss)
    train_rows = _labelled(labeller, config.data.train, "train", emit)
    eval_rows = _labelled(labeller, config.data.eval, "eval", emit)
    base = model.load_base(config.base, device, dtype)
    settings = result_settings(config)
    identity = {
        "settings": settings,
        "settingsHash": settings_hash(settings),
        "dataHash": data_hash,
        "baseFingerprint": model.fingerprint(base),
    }
    return _Run(
        config=config,
        device=device,
        dtype=dtype,
        tokenizer=tokenizer,
        base=base,
        train_rows=train_rows,
        eval_rows=eval_rows,
        identity=identity,
        steps=total_steps(config, len(train_rows.rows)),
    )


def _labelled(labeller: Labeller, path: str | None, split: Any, emit: Emit) -> LabelledRows:
    if path is None:
        return LabelledRows()
    rows = labeller.label_all(read_examples(Path(path)))
    if rows.left_out:
        emit(
            events.RowsWithoutLearningTokens(
                split=split,
                count=rows.left_out,
                of_rows=rows.total,
                no_changes=rows.no_changes,
                beyond_max_length=rows.beyond_max_length,
                ids=rows.left_out_ids,
            )
        )
    if not rows.rows:
        raise TrainerError(
            "no-learning-tokens",
            f"None of the {rows.total} rows of {path} has a token to learn: {rows.no_changes} have no change, "
            f"{rows.beyond_max_length} have theirs behind maxLength.",
            "Check the data's changes, raise maxLength, or train with loss full.",
        )
    return rows


def _finished_before(run: _Run) -> Result | None:
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
    _check_identity(state["identity"], run.identity, out)
    return Result(
        step=state["step"],
        best_step=state["bestStep"],
        eval_loss=state["evalLoss"],
        evals=[],
        facts=state["facts"],
        identity=state["identity"],
    )


def _check_identity(before: dict[str, Any], now: dict[str, Any], path: Path) -> None:
    """A run that is resumed with something else in it would be a mixture of two: refused."""
    reasons = []
    if before["settingsHash"] != now["settingsHash"]:
        old, new = before["settings"], now["settings"]
        reasons += [
            f"{key} was {old.get(key)} and is {new.get(key)}"
            for key in sorted({*old, *new})
            if old.get(key) != new.get(key)
        ]
    if before["dataHash"] != now["dataHash"]:
        reasons.append("the data files have changed")
    if before["baseFingerprint"] != now["baseFingerprint"]:
        reasons.append("the base model is another one")
    if reasons:
        raise TrainerError(
            "resume-mismatch",
            f"The run in {path} cannot be resumed: {'; '.join(reasons)}.",
            "Give it the settings, data and base that it began with, or choose another folder.",
        )


def _not_finite(step: int, loss: float, rate: float) -> TrainerError:
    return TrainerError(
        "nan-loss",
        f"Step {step} has a loss of {loss} or a gradient that is not finite (learning rate {rate:.2g}).",
        "Lower learningRate, set gradClip to 1, or use dtype float32; then start again in a new folder.",
    )


def _mix(seed: int, step: int, number: int) -> int:
    """A seed of its own for every micro-batch's dropout."""
    return (seed * 1_000_003 + step * 8_191 + number) % (2**63)


@contextmanager
def _owned(out: Path) -> Iterator[None]:
    """Holds the folder against a second trainer; the lock goes with the process, however that ends."""
    out.mkdir(parents=True, exist_ok=True)
    lock = out / ".lock"
    with lock.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise TrainerError(
                "out-busy",
                f"Another process is training into {out}.",
                "Wait for it, or stop it, or choose another folder.",
            ) from error
        try:
            yield
        finally:
            lock.unlink(missing_ok=True)


class _Interruption:
    """Turns SIGINT and SIGTERM into a checkpoint and a clean end; a second signal ends at once."""

    def __init__(self) -> None:
        self._asked = False
        self._before: dict[int, Any] = {}

    def __enter__(self) -> _Interruption:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def check(self, save: Callable[[], events.Saved] | None, emit: Emit) -> None:
        """Saves and raises when a signal has come."""
        if not self._asked:
            return
        if save is not None:
            emit(save())
        raise TrainerError(
            "interrupted",
            "Stopped by a signal; the steps done so far are saved.",
            "Run the same command with --resume to go on.",
        )

    def _ask(self, *_: object) -> None:
        if self._asked:
            raise KeyboardInterrupt
        self._asked = True


class _Clock:
    """Speed of a step and time left; evaluations and checkpoints are part of the estimate."""

    def __init__(self, steps: int) -> None:
        self._left = steps
        self._done = 0
        self._began = self._last = time.monotonic()

    def tick(self, tokens: int) -> tuple[float, float]:
        """Ends a step of so many tokens: tokens a second, seconds left."""
        now = time.monotonic()
        speed = tokens / max(now - self._last, 1e-9)
        self._last = now
        self._done += 1
        self._left -= 1
        return round(speed, 1), round((now - self._began) / self._done * self._left, 1)
