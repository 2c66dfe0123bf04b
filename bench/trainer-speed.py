"""Learned tokens a second: this trainer against a plain Hugging Face Trainer script as fine-tuning scripts have it.

The plain script pads every batch as it comes (``--padding batch``: to its longest row, in random order; ``fixed``:
to the greatest length) and computes the logits of every position. Same base, rows, mask, adapter, batch size, rate
and number of steps; each run in a process of its own, in turns, with as many threads. Only the steps are timed, in
CPU time, which a busy machine distorts least, and by the clock. The held-out masked loss of both is taken by the
same code.

    .venv/bin/python bench/trainer-speed.py --data runs/authors --base models/tiny --rows 400 --rounds 2
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "trainer"))
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

ARMS = ("ours", "batch", "fixed")
LORA = {"rank": 16, "alpha": 16, "dropout": 0.1, "targetModules": ["q_proj", "k_proj", "v_proj"], "bias": "none"}


def main() -> None:
    """Runs all arms in turns and prints a table; as ``--arm``, one of them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="a dataset folder with train.jsonl and eval.jsonl")
    parser.add_argument("--base", default=str(ROOT / "models" / "tiny"))
    parser.add_argument("--rows", type=int, default=400, help="training rows to take")
    parser.add_argument("--eval-rows", type=int, default=100, help="held-out rows to take")
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=2, help="runs of each arm, with seeds 1, 2, …")
    parser.add_argument("--threads", type=int, default=1, help="more spin while they wait, on a busy machine")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--arm", choices=ARMS)
    options = parser.parse_args()
    if options.arm is not None:
        sys.stdout.write(json.dumps(run_arm(options)) + "\n")
        return
    results = [
        {"arm": arm, "seed": seed, **in_a_process(arm, seed, sys.argv[1:])}
        for seed in range(1, options.rounds + 1)
        for arm in ARMS
    ]
    report(results)


def in_a_process(arm: str, seed: int, arguments: list[str]) -> dict[str, float]:
    """One run; its last line of output is its result."""
    command = [sys.executable, __file__, *arguments, "--arm", arm, "--seed", str(seed)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    result = json.loads(output.splitlines()[-1])
    sys.stderr.write(f"{arm}, seed {seed}: {json.dumps(result)}\n")
    return result


def report(results: list[dict[str, Any]]) -> None:
    """A table of means, and how many times faster ours is."""
    means = {
        arm: {
            key: sum(result[key] for result in results if result["arm"] == arm)
            / sum(result["arm"] == arm for result in results)
            for key in ("cpu", "clock", "loss", "learned")
        }
        for arm in ARMS
    }
    lines = ["| arm | learned tokens a CPU second | by the clock | held-out masked loss |", "|---|---|---|---|"]
    for arm, mean in means.items():
        speed = mean["learned"] / mean["cpu"], mean["learned"] / mean["clock"]
        lines.append(f"| {arm} | {speed[0]:.0f} | {speed[1]:.0f} | {mean['loss']:.4f} |")
    for arm in ARMS[1:]:
        times = [means[arm][key] / means["ours"][key] for key in ("cpu", "clock")]
        lines.append(f"ours against {arm}: {times[0]:.2f} times in CPU time, {times[1]:.2f} by the clock")
    sys.stdout.write("\n".join(lines) + "\n")


def run_arm(options: argparse.Namespace) -> dict[str, float]:
    """Trains in this process; CPU and clock seconds of the steps, learned tokens of all passes, held-out loss."""
    from hexacoder_trainer.model import quiet_libraries
    from hexacoder_trainer.parallel import Ranks
    from hexacoder_trainer.prepare import prepare
    from hexacoder_trainer.train import Run

    quiet_libraries()
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare(run_config(options, Path(folder)), lambda _: None, Ranks())
        run = Run(prepared, Ranks())
        steps = ours if options.arm == "ours" else plain
        cpu, clock = time.process_time(), time.perf_counter()
        steps(run, prepared, options, folder)
        cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
        loss = run.evaluate()
    return {"cpu": cpu, "clock": clock, "loss": loss, "learned": prepared.train_rows.learning_tokens * options.epochs}


def run_config(options: argparse.Namespace, folder: Path) -> Any:
    """The settings that both have, as a run file."""
    from hexacoder_trainer.config import read_run_file

    for part, count in (("train.jsonl", options.rows), ("eval.jsonl", options.eval_rows)):
        rows = (options.data / part).read_text(encoding="utf-8").splitlines(keepends=True)[:count]
        (folder / part).write_text("".join(rows), encoding="utf-8")
    run = {
        "version": 1, "base": options.base, "out": str(folder / "out"), "seed": options.seed, "lora": LORA,
        "data": {"train": "train.jsonl", "eval": "eval.jsonl"},
        "epochs": options.epochs, "batchSize": 16, "learningRate": 5e-4, "schedule": "cosine", "warmupRatio": 0.03,
        "weightDecay": 0.001, "maxLength": 512, "gradClip": 1.0, "loss": "masked", "evalPerEpoch": 1,
        "saveEverySteps": 10**6, "keepBest": False, "dtype": "float32", "device": "cpu", "threads": options.threads,
        "resume": True,
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(run), encoding="utf-8")
    return read_run_file(folder / "run.json")


def ours(run: Any, *_: Any) -> None:
    """This trainer's steps, without evaluations."""
    from hexacoder_trainer.guard import Interruption

    run.train_steps(lambda _: None, Interruption(), evaluating=False)


def plain(run: Any, prepared: Any, options: argparse.Namespace, folder: str) -> None:
    """The usual script: Trainer, a collator that pads, cross-entropy over the masked labels of all logits."""
    import torch
    from transformers import Trainer, TrainingArguments

    rows = prepared.train_rows.rows

    def collate(batch: list[Any]) -> dict[str, torch.Tensor]:
        longest = 512 if options.arm == "fixed" else max(len(row.tokens) for row in batch)
        tokens, labels = torch.zeros(len(batch), longest, dtype=torch.long), torch.full((len(batch), longest), -100)
        mask = torch.zeros(len(batch), longest, dtype=torch.long)
        for index, row in enumerate(batch):
            own, length = torch.tensor(row.tokens.tolist()), len(row.tokens)
            tokens[index, :length], mask[index, :length] = own, 1
            labels[index, :length] = torch.where(torch.tensor(row.learned.tolist()), own, -100)
        return {"input_ids": tokens, "attention_mask": mask, "labels": labels}

    arguments = TrainingArguments(
        output_dir=folder, num_train_epochs=options.epochs, per_device_train_batch_size=16, learning_rate=5e-4,
        lr_scheduler_type="cosine", warmup_steps=0.03, weight_decay=0.001, seed=options.seed, save_strategy="no",
        logging_strategy="no", report_to=[], remove_unused_columns=False, use_cpu=True, disable_tqdm=True,
    )  # fmt: skip
    Trainer(model=run.adapted, args=arguments, train_dataset=rows, data_collator=collate).train()


if __name__ == "__main__":
    main()
