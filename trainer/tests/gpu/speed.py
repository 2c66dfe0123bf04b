"""Tokens a second and peak memory of one arm, in a process of its own; prints one line of JSON.

Arms: ``ours`` is this trainer; ``trl`` is a plain SFTTrainer script, with every batch padded to the greatest length
as the authors wrote it. Same random weights, rows, mask, adapter, rate and steps. ``--device cpu`` with the shape
``miniature`` tries the program itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import Any

import torch
from transformers import (
    CodeGenConfig,
    CodeGenForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
)

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

ARMS = ("ours", "trl")
LENGTH = 512
ENDS = {"bos_token_id": None, "eos_token_id": 0, "pad_token_id": 1}


def make_base(shape: str, folder: Path) -> None:
    """Random weights of the shape of a model that people train; the tokenizer is small, which costs no time."""
    from miniature import make_tokenizer

    torch.manual_seed(1)
    if shape == "codegen-350m":
        config = CodeGenConfig(vocab_size=51200, n_embd=1024, n_layer=20, n_head=16, rotary_dim=32, **ENDS)
        model = CodeGenForCausalLM(config)
    elif shape == "qwen2.5-1.5b":
        config = Qwen2Config(
            vocab_size=151936, hidden_size=1536, num_hidden_layers=28, num_attention_heads=12, num_key_value_heads=2,
            intermediate_size=8960, tie_word_embeddings=True, **ENDS,
        )  # fmt: skip
        model = Qwen2ForCausalLM(config)
    else:
        config = LlamaConfig(
            vocab_size=384, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, **ENDS
        )
        model = LlamaForCausalLM(config)
    model.to(torch.bfloat16).save_pretrained(folder)
    make_tokenizer().save_pretrained(folder)


def write_rows(path: Path, count: int) -> None:
    """Programs of 40 to about 400 tokens, a fifth of them changed by the fix."""
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            before = "".join(f"    value_{at} = name + {at}\n" for at in range(1 + number * 7 % 20))
            fix = "    return subprocess.run(['ping', name], check=True)\n"
            text = f"import subprocess\n\ndef run_{number}(name):\n{before}{fix}"
            changes = [{"start": len(text) - len(fix), "end": len(text)}]
            file.write(json.dumps({"id": str(number), "text": text, "changes": changes}) + "\n")


def run_file(options: argparse.Namespace) -> Path:
    """The settings that both arms have."""
    write_rows(options.folder / "train.jsonl", options.batch * options.steps)
    path = options.folder / f"{options.arm}.json"
    run = {
        "version": 1, "base": str(options.folder / "base"), "data": {"train": "train.jsonl", "eval": None},
        "out": options.arm, "seed": 1, "epochs": 1, "batchSize": options.batch, "learningRate": 5e-4,
        "schedule": "cosine", "warmupRatio": 0.03, "weightDecay": 0.001, "maxLength": LENGTH, "gradClip": 1.0,
        "lora": {"rank": 16, "alpha": 16, "dropout": 0.1, "targetModules": None, "bias": "none"}, "loss": "masked",
        "saveEverySteps": 10**6, "keepBest": False, "device": options.device, "resume": True,
        "dtype": "bfloat16" if options.device == "cuda" else "float32",
    }  # fmt: skip
    path.write_text(json.dumps(run), encoding="utf-8")
    return path


def ours(run: Any, prepared: Any, options: argparse.Namespace) -> None:
    """This trainer's steps."""
    from hexacoder_trainer.guard import Interruption

    run.train_steps(lambda _: None, Interruption(), evaluating=False)


def trl(run: Any, prepared: Any, options: argparse.Namespace) -> None:
    """A plain script: SFTTrainer on rows of tokens and labels, all of them padded to the greatest length."""
    from datasets import Dataset
    from trl import SFTConfig, SFTTrainer

    def collate(rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        tokens = torch.zeros(len(rows), LENGTH, dtype=torch.long)
        labels, mask = torch.full((len(rows), LENGTH), -100), torch.zeros(len(rows), LENGTH, dtype=torch.long)
        for index, row in enumerate(rows):
            length = len(row["input_ids"])
            tokens[index, :length], mask[index, :length] = torch.tensor(row["input_ids"]), 1
            labels[index, :length] = torch.tensor(row["labels"])
        return {"input_ids": tokens, "attention_mask": mask, "labels": labels}

    rows = [
        {
            "input_ids": row.tokens.tolist(),
            "labels": [
                token if learned else -100 for token, learned in zip(row.tokens.tolist(), row.learned, strict=True)
            ],
        }
        for row in prepared.train_rows.rows
    ]
    settings = SFTConfig(
        output_dir=str(options.folder / "trl"), num_train_epochs=1, per_device_train_batch_size=options.batch,
        learning_rate=5e-4, lr_scheduler_type="cosine", warmup_steps=0.03, weight_decay=0.001, seed=1,
        save_strategy="no", logging_strategy="no", report_to=[], disable_tqdm=True, max_length=LENGTH, packing=False,
        dataset_kwargs={"skip_prepare_dataset": True}, remove_unused_columns=False, gradient_checkpointing=False,
        bf16=options.device == "cuda", use_cpu=options.device == "cpu",
    )  # fmt: skip
    SFTTrainer(
        model=run.adapted, args=settings, train_dataset=Dataset.from_list(rows), data_collator=collate,
        processing_class=prepared.tokenizer,
    ).train()  # fmt: skip


def main() -> None:
    """Runs one arm."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("arm", choices=ARMS)
    parser.add_argument("folder", type=Path, help="where the base is, or is to be made")
    parser.add_argument("--shape", choices=["codegen-350m", "qwen2.5-1.5b", "miniature"], required=True)
    parser.add_argument("--device", choices=["cuda", "cpu"], default="cuda")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--steps", type=int, default=60)
    options = parser.parse_args()
    if not (options.folder / "base").is_dir():
        make_base(options.shape, options.folder / "base")
    sys.stdout.write(json.dumps(measure(options)) + "\n")


def measure(options: argparse.Namespace) -> dict[str, float]:
    """Times the steps of an arm by the clock; tokens are those of the rows, without padding."""
    from hexacoder_trainer.config import read_run_file
    from hexacoder_trainer.model import quiet_libraries
    from hexacoder_trainer.parallel import Ranks
    from hexacoder_trainer.prepare import prepare
    from hexacoder_trainer.train import Run

    quiet_libraries()
    prepared = prepare(read_run_file(run_file(options)), lambda _: None, Ranks())
    run, on_gpu = Run(prepared, Ranks()), options.device == "cuda"
    if on_gpu:
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
    began = time.perf_counter()
    {"ours": ours, "trl": trl}[options.arm](run, prepared, options)
    if on_gpu:
        torch.cuda.synchronize()
    seconds = time.perf_counter() - began
    peak = torch.cuda.max_memory_allocated() / 2**30 if on_gpu else 0.0
    tokens, learned = prepared.train_rows.tokens, prepared.train_rows.learning_tokens
    return {"tokensPerSecond": tokens / seconds, "learnedPerSecond": learned / seconds, "peakGiB": peak}


if __name__ == "__main__":
    main()
