"""A Llama of 30,000 random parameters with a byte-level tokenizer: a real model in every respect but sense.

Fixture of this package's tests; as a program (``miniature.py FOLDER``) also of the tests on Node's side.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CORPUS = [
    "import os\nimport sys\n\ndef run(name):\n    return os.system('ping ' + name)\n",
    "import subprocess\n\ndef run(name):\n    return subprocess.run(['ping', name], check=True)\n",
    "from flask import request\n\n@app.route('/a')\ndef view():\n    value = request.args['q']\n    return value\n",
    "# 😀 日本語 é naïve\nx = {'a': 1, 'b': [2, 3]}\n",
]


def make_tokenizer(**options: Any) -> PreTrainedTokenizerFast:
    """A byte-level BPE tokenizer of 384 tokens, trained on the lines above."""
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


def write_model(folder: Path, tokenizer: PreTrainedTokenizerFast, context: int) -> None:
    """Writes model and tokenizer as transformers reads them; the same weights every time."""
    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=context,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=None,
        tie_word_embeddings=True,
        initializer_range=0.2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)


if __name__ == "__main__":
    write_model(Path(sys.argv[1]), make_tokenizer(), context=256)
