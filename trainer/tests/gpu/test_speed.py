"""This trainer against a plain TRL script on a CUDA device: python -m pytest -m gpu -s (needs the extra "trl").

Never run so far: no GPU was at hand. What it asks for is what was measured on a processor.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

pytestmark = pytest.mark.gpu

SCRIPT = Path(__file__).parent / "speed.py"


def measured(arm: str, shape: str, folder: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, str(SCRIPT), arm, str(folder), "--shape", shape], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize("shape", ["codegen-350m", "qwen2.5-1.5b"])
def test_it_is_faster_than_a_plain_trl_script_in_no_more_memory(shape: str, tmp_path: Path) -> None:
    if not torch.cuda.is_available():
        pytest.skip("no CUDA device")
    rounds = [{arm: measured(arm, shape, tmp_path) for arm in ("ours", "trl")} for _ in range(2)]
    for figures in rounds:
        sys.stdout.write(f"{shape}, {torch.cuda.get_device_name()}: {json.dumps(figures)}\n")
    ours, trl = rounds[-1]["ours"], rounds[-1]["trl"]  # the first round warms caches
    assert ours["tokensPerSecond"] > 1.5 * trl["tokensPerSecond"]
    assert ours["peakGiB"] < 1.05 * trl["peakGiB"]
