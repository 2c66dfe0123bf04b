"""Kills at random moments, wherever the run happens to be: python -m pytest -m soak (a few minutes)."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from .support import RunFile, assert_same_adapter, run, start, wait_for_step

KILLS = 20


@pytest.mark.soak
def test_a_run_killed_at_many_random_moments_ends_as_one_that_was_not(run_file: RunFile) -> None:
    settings = {"epochs": 60, "saveEverySteps": 1}
    run(run_file(name="whole.json", out="whole", **settings))
    path = run_file(out="killed", **settings)
    moments = random.SystemRandom()
    kills = 0
    while kills < KILLS:
        process = start(path)
        try:
            # Half of the kills fall between steps and into checkpoints, the others anywhere, also into loading.
            if moments.random() < 0.5:
                wait_for_step(process, 1)
                time.sleep(moments.uniform(0, 0.1))
            else:
                time.sleep(moments.uniform(0, 6))
        except AssertionError:
            pass  # it had finished already
        process.kill()
        process.communicate()
        kills += 1
    assert (run(path)[-1].event, run(path)[-1].step) == ("finished", 300)
    assert_same_adapter(path.parent / "whole", path.parent / "killed")
    assert no_litter(path.parent / "killed")


def no_litter(out: Path) -> bool:
    """Nothing but the adapter folder's own files is left."""
    return {item.name for item in out.iterdir()} == {
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
        "trainer_state.json",
    }
