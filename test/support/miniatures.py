"""Random-weight miniatures of the paper's five models, each through the real class of its architecture.

Usage: miniatures.py FOLDER [NAME ...]. Writes FOLDER/<name in the plan>/ (all five, or those named), with a byte-level tokenizer and room for whole
prompts. They make no sense, but everything that a model is put through can be put through them.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from transformers import (
    CodeGenConfig,
    CodeGenForCausalLM,
    DeepseekV2Config,
    DeepseekV2ForCausalLM,
    PreTrainedModel,
    Qwen2Config,
    Qwen2ForCausalLM,
    XGLMConfig,
    XGLMForCausalLM,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "trainer" / "tests"))
from miniature import make_tokenizer

ROOM = 4096
ENDS = {"bos_token_id": None, "eos_token_id": 0, "pad_token_id": 1}
SMALL = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4, "max_position_embeddings": ROOM}


def codegen(vocabulary: int, width: int) -> PreTrainedModel:
    config = CodeGenConfig(
        vocab_size=vocabulary, n_embd=width, n_layer=2, n_head=4, n_positions=ROOM, rotary_dim=8, **ENDS
    )
    return CodeGenForCausalLM(config)


def xglm(vocabulary: int) -> PreTrainedModel:
    config = XGLMConfig(
        vocab_size=vocabulary, d_model=32, ffn_dim=64, num_layers=2, attention_heads=4, max_position_embeddings=ROOM,
        **ENDS,
    )  # fmt: skip
    return XGLMForCausalLM(config)


def qwen2(vocabulary: int) -> PreTrainedModel:
    return Qwen2ForCausalLM(
        Qwen2Config(vocab_size=vocabulary, **SMALL, intermediate_size=64, num_key_value_heads=2, **ENDS)
    )


def deepseek_v2(vocabulary: int) -> PreTrainedModel:
    config = DeepseekV2Config(
        vocab_size=vocabulary, **SMALL, intermediate_size=64, num_key_value_heads=4, q_lora_rank=None, kv_lora_rank=8,
        qk_rope_head_dim=8, qk_nope_head_dim=8, v_head_dim=12, n_routed_experts=4, num_experts_per_tok=2,
        moe_intermediate_size=16, n_shared_experts=1, first_k_dense_replace=1, n_group=1, topk_group=1, **ENDS,
    )  # fmt: skip
    return DeepseekV2ForCausalLM(config)


MODELS = {
    "codegen-350m-multi": lambda vocabulary: codegen(vocabulary, 64),
    "codegen-2b-multi": lambda vocabulary: codegen(vocabulary, 128),
    "incoder-6b": xglm,
    "qwen2.5-coder-1.5b": qwen2,
    "deepseek-coder-v2-lite": deepseek_v2,
}


def main(folder: Path, names: list[str]) -> None:
    tokenizer = make_tokenizer()
    for name in names or MODELS:
        torch.manual_seed(7)
        MODELS[name](len(tokenizer)).save_pretrained(folder / name)
        tokenizer.save_pretrained(folder / name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
