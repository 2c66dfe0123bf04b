"""Weights & Biases in its offline mode: python -m pytest -m extras (needs the extra "wandb")."""

from __future__ import annotations

import json

import pytest

from hexacoder_trainer import events

from ..support import RunFile, start

pytestmark = pytest.mark.extras


def test_it_has_the_losses_of_the_events(run_file: RunFile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_MODE", "offline")
    path = run_file(reportTo=["wandb"], maxSteps=6)
    process = start(path)  # W&B's own process may still write when ours is done with it: both have to end
    seen = [events.from_json(line) for line in process.communicate(timeout=600)[0].splitlines()]
    assert process.returncode == 0
    (log,) = (path.parent / "adapter").glob("wandb/offline-run-*/*.wandb")
    written = log.read_bytes()  # its records hold figures as JSON
    losses = [event.loss for event in seen if event.event in ("step", "eval")]
    assert len(losses) == 8
    for loss in losses:
        assert json.dumps(loss).encode() in written
