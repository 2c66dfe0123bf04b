"""What most tests share: the miniature model, made once a session, and run files for it."""

from __future__ import annotations

import json
import os

os.environ["HF_HUB_OFFLINE"] = "1"  # read when transformers is imported

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import PreTrainedTokenizerFast

from .miniature import make_tokenizer, write_model

torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    return make_tokenizer()


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory, tokenizer: PreTrainedTokenizerFast) -> Path:
    folder = tmp_path_factory.mktemp("base")
    write_model(folder, tokenizer, context=160)
    return folder


def make_rows(count: int, *, salt: str = "") -> list[dict[str, Any]]:
    rows = []
    for number in range(count):
        text = f"import subprocess\n\ndef run_{salt}{number}(name):\n" + "    x = 1\n" * (number % 7)
        start = len(text)
        text += "    return subprocess.run(['ping', name])\n"
        changes = [{"start": 0, "end": 17}, {"start": start, "end": len(text)}]
        rows.append(
            {
                "id": f"{salt}{number}",
                "text": text,
                "changes": changes,
                "language": "python",
                "cwe": "CWE-78",
                "source": {"kind": "seed", "ref": str(number)},
            }
        )
    return rows


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def run_file(tmp_path: Path, base: Path) -> Callable[..., Path]:
    """Writes a small run file; keyword arguments replace keys."""
    write_rows(tmp_path / "train.jsonl", make_rows(20))
    write_rows(tmp_path / "eval.jsonl", make_rows(5, salt="e"))

    def write(name: str = "run.json", **changes: Any) -> Path:
        run = {
            "version": 1,
            "base": str(base),
            "data": {"train": "train.jsonl", "eval": "eval.jsonl"},
            "out": "adapter",
            "seed": 3,
            "epochs": 2,
            "batchSize": 4,
            "learningRate": 0.01,
            "schedule": "cosine",
            "warmupRatio": 0.1,
            "weightDecay": 0.001,
            "maxLength": 96,
            "gradClip": 1.0,
            "lora": {"rank": 4, "alpha": 8, "dropout": 0.1, "targetModules": None, "bias": "none"},
            "loss": "masked",
            "evalPerEpoch": 1,
            "saveEverySteps": 3,
            "keepBest": True,
            "dtype": "auto",
            "device": "cpu",
            "threads": 1,
            "resume": True,
            **changes,
        }
        path = tmp_path / name
        path.write_text(json.dumps(run), encoding="utf-8")
        return path

    return write
