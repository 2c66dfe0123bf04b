"""Trains the byte-level BPE tokenizer of the bundled model.

How text is split matters more to a tiny model than the merges do:
- a token never continues past a line break, so a prompt that ends with a line break is split just
  as the same text was in training; line breaks join the punctuation before them (`):` + break);
- indentation is a token of its own;
- words carry no blank, so that a name is the same token after `(`, after ` = ` and after a quote,
  and copying it is easy; common function words and keywords take their blanks along instead.
"""

import argparse
import json
import random
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

GLUED = """if in is not and or else for return import from as with def class raise await async except yield lambda
the a an of to on by its it that this when which at be are has there""".split()

PATTERN = "|".join(
    [
        r"(?<=\n) +",
        r"^ +",
        rf" ?\b(?:{'|'.join(GLUED)})\b ?",
        r"[A-Za-z_]+",
        r"[0-9]{1,3}",
        r"[^A-Za-z0-9_\n]+\n?",
        r"\n",
    ]
)
END, PAD = "<|endoftext|>", "<|pad|>"
SPECIAL = [END, PAD]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--vocab", type=int, default=4096)
    parser.add_argument("--sample", type=int, default=60_000, help="documents to train on")
    options = parser.parse_args()
    tokenizer = build(read_sample(options.corpus, options.sample), options.vocab)
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(options.out / "tokenizer.json"))
    (options.out / "tokenizer_config.json").write_text(json.dumps(config(), indent=2) + "\n")
    print(f"{tokenizer.get_vocab_size()} tokens")


def read_sample(folder: Path, count: int) -> list[str]:
    """A sample with one natural snippet to three generated programs."""
    rng = random.Random(7)
    texts = {"generated": [], "natural": []}
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.open():
            row = json.loads(line)
            texts[row["kind"]].append(row["text"])
    natural = rng.sample(texts["natural"], min(len(texts["natural"]), count // 4))
    return natural + rng.sample(texts["generated"], min(len(texts["generated"]), count - len(natural)))


def build(texts, vocab: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def config() -> dict:
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "eos_token": END,
        "pad_token": PAD,
        "model_max_length": 1024,
        "clean_up_tokenization_spaces": False,
    }


if __name__ == "__main__":
    main()
