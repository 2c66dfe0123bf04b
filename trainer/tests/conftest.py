"""A miniature Llama with random weights and a byte-level tokenizer of its own, made once a session."""

from __future__ import annotations

import json
import os

os.environ["HF_HUB_OFFLINE"] = "1"  # read when transformers is imported

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

torch.set_num_threads(1)

CORPUS = [
    "import os\nimport sys\n\ndef run(name):\n    return os.system('ping ' + name)\n",
    "import subprocess\n\ndef run(name):\n    return subprocess.run(['ping', name], check=True)\n",
    "from flask import request\n\n@app.route('/a')\ndef view():\n    value = request.args['q']\n    return value\n",
    "# 😀 日本語 é naïve\nx = {'a': 1, 'b': [2, 3]}\n",
]


def make_tokenizer(**options: Any) -> PreTrainedTokenizerFast:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=options.pop("vocab_size", 384),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=["<eos>", "<pad>"],
        show_progress=False,
    )
    tokenizer.train_from_iterator(CORPUS * 4, trainer)
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<eos>", pad_token="<pad>", **options)


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    return make_tokenizer()


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory, tokenizer: PreTrainedTokenizerFast) -> Path:
    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=160,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        tie_word_embeddings=True,
        initializer_range=0.2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
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
