"""The loss curve for TensorBoard and for Weights & Biases: off unless asked for, their packages loaded only then.

Both follow the events, which stay what a run says about itself. A run that is resumed goes on with its curve.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Protocol

from . import events
from .config import RunConfig, result_settings, settings_hash
from .errors import TrainerError
from .packages import require_package

Emit = Callable[[Any], None]

_REQUIREMENTS = {"tensorboard": "tensorboard==2.21.0", "wandb": "wandb==0.31.0"}


class _Tracker(Protocol):
    def log(self, step: int, values: dict[str, float]) -> None: ...
    def close(self) -> None: ...


@contextmanager
def tracked(emit: Emit, config: RunConfig) -> Iterator[Emit]:
    """Passes events on, and figures to what the run file names.

    Raises:
        TrainerError: ``package-missing`` at once; ``tracker-failed`` when one cannot begin.
    """
    for name in config.report_to or []:
        require_package(name, _REQUIREMENTS[name], f"reportTo {name}")
    with ExitStack() as stack:
        yield _Curves(emit, config, stack) if config.report_to else emit


class _Curves:
    """Opens its trackers at the first figure: by then it is known where a resumed run goes on."""

    def __init__(self, emit: Emit, config: RunConfig, stack: ExitStack) -> None:
        self._emit = emit
        self._config = config
        self._stack = stack
        self._done = 0
        self._trackers: list[_Tracker] | None = None

    def __call__(self, event: Any) -> None:
        self._emit(event)
        if isinstance(event, events.Resumed):
            self._done = event.step
        values = _figures(event)
        if not values:
            return
        if self._trackers is None:
            self._trackers = [self._open(name) for name in self._config.report_to or []]
        for tracker in self._trackers:
            tracker.log(event.step, values)

    def _open(self, name: str) -> _Tracker:
        try:
            tracker = _OPENERS[name](self._config, self._done)
        except Exception as error:  # each has errors of its own: no key, no network, no disk
            lines = str(error).strip().splitlines()
            raise TrainerError(
                "tracker-failed",
                f"{name} could not begin: {lines[0][:300] if lines else type(error).__name__}",
                "Leave it out and resume. For W&B: log in with `wandb login`, or set WANDB_MODE=offline.",
            ) from error
        self._stack.callback(tracker.close)
        return tracker


def _figures(event: Any) -> dict[str, float]:
    if isinstance(event, events.Step):
        values = {
            "train/loss": event.loss,
            "train/learning_rate": event.lr,
            "train/gradient_norm": event.grad_norm,
            "train/tokens_per_second": event.tokens_per_second,
            "train/preferred": event.preferred,
        }
    elif isinstance(event, events.Eval):
        values = {"eval/loss": event.loss, "eval/preferred": event.preferred}
    else:
        return {}
    return {name: value for name, value in values.items() if value is not None}


class _TensorBoard:
    """Event files in ``OUT/tensorboard``."""

    def __init__(self, config: RunConfig, done: int) -> None:
        from torch.utils.tensorboard import SummaryWriter

        # Steps behind the checkpoint are done again: what was written of them is not shown twice.
        folder = str(Path(config.out) / "tensorboard")
        self._writer = SummaryWriter(folder, purge_step=done + 1 if done else None, flush_secs=10)

    def log(self, step: int, values: dict[str, float]) -> None:
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)

    def close(self) -> None:
        self._writer.close()


class _WeightsAndBiases:
    """A run of Weights & Biases: settings and figures go there from us, no row and no code."""

    def __init__(self, config: RunConfig, done: int) -> None:
        import wandb

        settings = result_settings(config)
        name = Path(config.out).name
        same_run = hashlib.sha256(f"{config.out}\0{settings_hash(settings)}".encode()).hexdigest()[:16]
        self._run = wandb.init(
            project=os.environ.get("WANDB_PROJECT", "hexacoder"),
            dir=config.out,
            id=same_run,
            name=name,
            resume="allow",
            config=settings,
            settings=wandb.Settings(
                silent=True, console="off", disable_git=True, disable_code=True, x_disable_stats=True,
                x_disable_machine_info=True,
            ),
        )  # fmt: skip

    def log(self, step: int, values: dict[str, float]) -> None:
        # A step that was done before the kill is there already; W&B leaves its second figures out.
        self._run.log(values, step=step)

    def close(self) -> None:
        self._run.finish()


_OPENERS: dict[str, Callable[[RunConfig, int], _Tracker]] = {"tensorboard": _TensorBoard, "wandb": _WeightsAndBiases}
