"""Reads folders as Hugging Face `datasets` does and prints what it found: {folder: {split: [row, ...]}}."""

import json
import sys

from datasets import load_dataset

found = {}
for folder in sys.argv[1:]:
    splits = load_dataset(folder)
    found[folder] = {name: list(rows) for name, rows in splits.items()}
    # Each file by itself, too: the folder's card decides which of them a folder stands for.
    for kind, ending in (("json", "jsonl"), ("parquet", "parquet")):
        try:
            alone = load_dataset(kind, data_files=f"{folder}/train.{ending}", split="train")
        except FileNotFoundError:
            continue
        found[folder][f"train.{ending}"] = list(alone)
print(json.dumps(found))
