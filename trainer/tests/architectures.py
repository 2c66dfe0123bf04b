"""Random-weight miniatures of other architectures, through their real transformers classes."""

from __future__ import annotations

from typing import Any

import torch
from transformers import (
    CodeGenConfig,
    CodeGenForCausalLM,
    DeepseekV2Config,
    DeepseekV2ForCausalLM,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    MistralConfig,
    MistralForCausalLM,
    Qwen2Config,
    Qwen2ForCausalLM,
    XGLMConfig,
    XGLMForCausalLM,
)

SIZE = {"vocab_size": 384, "hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 4}


def other_architecture(name: str) -> Any:
    torch.manual_seed(1)
    ends = {"bos_token_id": None, "eos_token_id": 0, "pad_token_id": None}
    if name == "gpt2":
        config = GPT2Config(vocab_size=384, n_embd=32, n_layer=2, n_head=4, n_positions=128, **ends)
        return GPT2LMHeadModel(config).eval()
    if name == "codegen":
        config = CodeGenConfig(vocab_size=384, n_embd=64, n_layer=2, n_head=4, n_positions=128, rotary_dim=8, **ends)
        return CodeGenForCausalLM(config).eval()
    if name == "xglm":
        config = XGLMConfig(
            vocab_size=384, d_model=32, ffn_dim=64, num_layers=2, attention_heads=4, max_position_embeddings=128,
            eos_token_id=0, pad_token_id=1,
        )  # fmt: skip
        return XGLMForCausalLM(config).eval()
    if name == "mistral, sliding window":
        config = MistralConfig(
            **SIZE, intermediate_size=64, num_key_value_heads=2, sliding_window=8, max_position_embeddings=128, **ends
        )
        return MistralForCausalLM(config).eval()
    if name == "deepseek v2":
        config = DeepseekV2Config(
            **SIZE, intermediate_size=64, num_key_value_heads=4, q_lora_rank=None, kv_lora_rank=8, qk_rope_head_dim=8,
            qk_nope_head_dim=8, v_head_dim=12, n_routed_experts=4, num_experts_per_tok=2, moe_intermediate_size=16,
            n_shared_experts=1, first_k_dense_replace=1, max_position_embeddings=128, n_group=1, topk_group=1, **ends
        )  # fmt: skip
        return DeepseekV2ForCausalLM(config).eval()
    if name == "llama":
        config = LlamaConfig(**SIZE, intermediate_size=64, num_key_value_heads=2, max_position_embeddings=128, **ends)
        return LlamaForCausalLM(config).eval()
    config = Qwen2Config(**SIZE, intermediate_size=64, num_key_value_heads=2, max_position_embeddings=128, **ends)
    return Qwen2ForCausalLM(config).eval()


ARCHITECTURES = ["qwen2", "gpt2", "codegen", "xglm", "mistral, sliding window", "deepseek v2"]
