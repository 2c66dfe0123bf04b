"""One training run: LoRA on a causal language model, loss on the changed spans only.

Everything random is a function of (seed, step): the order of the rows, dropout, the adapter's first
weights. So a run that was killed and resumed does the same steps as one that was not.
"""

from __future__ import annotations

import dataclasses
import math
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from peft import get_peft_model_state_dict, set_peft_model_state_dict

from . import PROTOCOL, events, model
from .attach import adapted_names, ordered, with_adapter
from .batches import batches_from, steps_an_epoch
from .checkpoint import Checkpoint, Weights, load_checkpoint, newest_checkpoint, save_checkpoint
from .config import RunConfig
from .errors import TrainerError
from .export import Result, base_name, export_adapter, weakened
from .guard import Interruption, owned
from .identity import check_identity
from .labels import Labelled
from .parallel import Ranks, joined, launched
from .prepare import Prepared, finished_before, prepare
from .schedule import Clock, evaluates_after, learning_rate, total_steps
from .sharding import shard_base
from .stepper import Stepper
from .trackers import tracked

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
    out, ranks = Path(config.out), launched(sharded=config.fsdp)
    if not ranks.main:
        emit = _say_nothing
    device = model.choose_device(config.device, ranks.local)
    with (
        owned(out, ranks),
        joined(ranks, device),
        Interruption() as interruption,
        tracked(emit, config if ranks.main else dataclasses.replace(config, report_to=None)) as emit,
    ):
        prepared = prepare(config, emit, ranks)
        done = finished_before(prepared)
        if done is None:
            run = Run(prepared, ranks)
            emit(run.start)
            run.resume(emit)
            run.train_steps(emit, interruption)
            done = run.export()
            ranks.wait()
        if ranks.main:
            shutil.rmtree(prepared.checkpoints, ignore_errors=True)
        emit(
            events.Finished(
                step=done.step,
                eval_loss=done.eval_loss,
                best_step=done.best_step,
                path=str(out),
                seconds=round(time.monotonic() - began, 3),
            )
        )


class Run:
    """The moving parts of a run: adapter, optimizer, step, and the best adapter so far."""

    def __init__(self, prepared: Prepared, ranks: Ranks) -> None:
        """Puts a fresh adapter on the base."""
        self._prepared = prepared
        self._ranks = ranks
        self._config = prepared.config
        self._rows_an_epoch = prepared.mixture.rows_an_epoch
        self._steps = total_steps(self._config, self._rows_an_epoch)
        self._model = with_adapter(prepared.base, self._config)
        if ranks.sharded:
            shard_base(self._model, prepared.device, ranks)
        pad = model.pad_token(prepared.tokenizer)
        self._stepper = Stepper(self._model, self._config, pad, prepared.device, ranks)
        self._trainable = [weight for weight in self._model.parameters() if weight.requires_grad]
        self._optimizer = torch.optim.AdamW(
            self._trainable, lr=self._config.learning_rate, weight_decay=self._config.weight_decay
        )
        self._step = 0
        self._saved_step = 0
        self._best: Weights | None = None
        self._best_step: int | None = None
        self._best_loss: float | None = None
        self._evals: list[list[float]] = []

    @property
    def adapted(self) -> Any:
        """The model with its adapter, as trained so far."""
        return self._model

    @property
    def start(self) -> events.Start:
        """The figures of this run."""
        prepared, rows = self._prepared, self._prepared.train_rows
        return events.Start(
            protocol=PROTOCOL,
            base=self._config.base,
            device=prepared.device.type,
            dtype=model.dtype_name(prepared.dtype),
            train_rows=len(rows.rows),
            eval_rows=len(prepared.eval_rows.rows),
            truncated_rows=rows.truncated,
            learning_tokens=rows.learning_tokens,
            tokens=rows.tokens,
            steps=self._steps,
            epochs=round(self._steps / steps_an_epoch(self._rows_an_epoch, self._config.batch_size), 3),
            trainable_params=sum(weight.numel() for weight in self._trainable),
            total_params=sum(weight.numel() for weight in self._model.parameters()),
            target_modules=adapted_names(self._model),
            data_hash=prepared.identity["dataHash"],
            versions=model.versions(),
            replay_rows=prepared.mixture.replay_rows,
            avoided_tokens=rows.avoided_tokens,
            processes=self._ranks.size,
        )

    def resume(self, emit: Emit) -> None:
        """Goes on from the newest checkpoint, if there is one."""
        path = newest_checkpoint(self._prepared.checkpoints)
        if path is None:
            return
        saved = load_checkpoint(path)
        check_identity(saved.identity, self._prepared.identity, path)
        set_peft_model_state_dict(self._model, saved.adapter)
        self._optimizer.load_state_dict(saved.optimizer)
        self._step = self._saved_step = saved.step
        self._evals = saved.evals
        self._best, self._best_step, self._best_loss = saved.best, saved.best_step, saved.best_loss
        emit(events.Resumed(step=self._step, path=str(path)))

    def train_steps(self, emit: Emit, interruption: Interruption, *, evaluating: bool = True) -> None:
        """Runs the remaining steps, with checkpoints and, if wanted, evaluations on the way."""
        config, count = self._config, self._rows_an_epoch
        order = batches_from(self._prepared.mixture, config.batch_size, config.seed, self._step)
        clock = Clock(self._steps - self._step)
        while self._step < self._steps and not self._stalled:
            interruption.check(self._ranks, lambda: self._save(emit))
            emit(self._one_step(next(order), clock))
            if evaluating and evaluates_after(config, self._step, self._steps, count):
                emit(self._evaluate())
            if self._step % config.save_every_steps == 0 and self._step < self._steps:
                self._save(emit)

    def evaluate(self) -> float:
        """Mean loss of the evaluation rows: cross-entropy of learned tokens, or preference of pairs, nats."""
        return self._stepper.evaluate(self._prepared.eval_rows.rows).loss

    @property
    def _stalled(self) -> bool:
        """Whether the last evaluations, as many as patience says, brought nothing better."""
        best = [step for step, _ in self._evals].index(self._best_step) if self._best_step is not None else 0
        return self._config.patience is not None and len(self._evals) - 1 - best >= self._config.patience

    def export(self) -> Result:
        """Writes the adapter folder: the best adapter or the last, as the run file says."""
        use_best = self._config.keep_best and self._best is not None
        weights = self._best if use_best and self._best is not None else self._adapter()
        loss = self._best_loss if use_best else self._evals[-1][1] if self._evals else None
        if self._config.strength < 1:
            weights = weakened(weights, self._config.strength)
            set_peft_model_state_dict(self._model, weights)
            loss = None if loss is None else self.evaluate()
        result = Result(
            step=self._step,
            best_step=self._best_step if use_best else self._step,
            eval_loss=loss,
            evals=self._evals,
            facts={**events.facts(self.start), "base": base_name(self._config.base)},
            identity=self._prepared.identity,
        )
        if self._ranks.main:
            peft_config = ordered(self._model.peft_config["default"])
            out = Path(self._config.out)
            export_adapter(out, self._config, peft_config, self._prepared.tokenizer, weights, result)
        return result

    def _save(self, emit: Emit) -> None:
        if self._step == self._saved_step or not self._ranks.main:
            return
        checkpoint = Checkpoint(
            step=self._step,
            adapter=self._adapter(),
            optimizer=self._optimizer.state_dict(),
            best=self._best,
            best_step=self._best_step,
            best_loss=self._best_loss,
            evals=self._evals,
            identity=self._prepared.identity,
        )
        path = save_checkpoint(self._prepared.checkpoints, checkpoint)
        self._saved_step = self._step
        emit(events.Saved(step=self._step, path=str(path)))

    def _one_step(self, rows: list[Labelled], clock: Clock) -> events.Step:
        clock.start_step()
        config = self._config
        rate = learning_rate(config, self._step, self._steps)
        for group in self._optimizer.param_groups:
            group["lr"] = rate
        figures = self._stepper.gradients(rows, self._step)
        loss = figures.loss
        norm = float(torch.nn.utils.clip_grad_norm_(self._trainable, config.grad_clip or math.inf))
        if not (math.isfinite(loss) and math.isfinite(norm)):
            raise _not_finite(self._step + 1, loss, rate)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        self._step += 1
        speed, left = clock.end_step(figures.tokens)
        return events.Step(
            step=self._step,
            steps=self._steps,
            epoch=round(self._step / steps_an_epoch(self._rows_an_epoch, config.batch_size), 4),
            loss=loss,
            lr=rate,
            grad_norm=norm,
            tokens_per_second=speed,
            seconds_left=left,
            preferred=_rounded(figures.preferred),
        )

    def _evaluate(self) -> events.Eval:
        figures = self._stepper.evaluate(self._prepared.eval_rows.rows)
        loss = figures.loss
        if not math.isfinite(loss):
            raise _not_finite(self._step, loss, self._config.learning_rate)
        best = self._best_loss is None or loss < self._best_loss
        if best:
            self._best_loss, self._best_step = loss, self._step
            self._best = self._adapter() if self._config.keep_best else None
        self._evals = [*self._evals, [self._step, loss]]
        return events.Eval(step=self._step, loss=loss, best=best, preferred=_rounded(figures.preferred))

    def _adapter(self) -> Weights:
        weights = get_peft_model_state_dict(self._model, save_embedding_layers=False)
        return {name: weight.detach().cpu().clone().contiguous() for name, weight in weights.items()}


def _say_nothing(_: Any) -> None:
    """Events are the first process's to tell."""


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, 6)


def _not_finite(step: int, loss: float, rate: float) -> TrainerError:
    return TrainerError(
        "nan-loss",
        f"Step {step} has a loss of {loss} or a gradient that is not finite (learning rate {rate:.2g}).",
        "Lower learningRate, set gradClip to 1, or use dtype float32; then start again in a new folder.",
    )
