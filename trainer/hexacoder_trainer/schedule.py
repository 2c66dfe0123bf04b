"""When things happen in a run, as pure functions of the step; and how long the rest will take."""

from __future__ import annotations

import math
import time

from .batches import steps_an_epoch
from .config import RunConfig


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


class Clock:
    """Speed of a step, and the time left; evaluations and checkpoints count for the latter only."""

    def __init__(self, steps: int) -> None:
        """Starts before so many steps."""
        self._left = steps
        self._done = 0
        self._began = self._step_began = time.monotonic()

    def start_step(self) -> None:
        """A step begins."""
        self._step_began = time.monotonic()

    def end_step(self, tokens: int) -> tuple[float, float]:
        """A step of so many tokens ends: tokens a second, seconds left."""
        now = time.monotonic()
        self._done += 1
        self._left -= 1
        speed = tokens / max(now - self._step_began, 1e-9)
        return round(speed, 1), round((now - self._began) / self._done * self._left, 1)
