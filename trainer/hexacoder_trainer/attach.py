"""Puts LoRA on a base: linear layers by name, and parameters that are none (experts that are fused into one)."""

from __future__ import annotations

import warnings
from typing import Any

import torch
from peft import LoraConfig, get_peft_model

from . import model
from .config import RunConfig
from .errors import TrainerError


def with_adapter(base: Any, config: RunConfig) -> Any:
    """A PEFT model whose adapter's first weights depend on the seed alone."""
    lora = config.lora
    targets = lora.target_modules or model.attention_projections(base)
    model.check_target_modules(base, targets)
    model.check_target_parameters(base, lora.target_parameters or [])
    if config.gradient_checkpointing:
        base.gradient_checkpointing_enable()
        base.enable_input_require_grads()
    compared = config.loss == "dpo"
    if compared:
        _without_dropout(base)
    torch.manual_seed(config.seed)
    settings = LoraConfig(
        task_type="CAUSAL_LM",
        r=lora.rank,
        lora_alpha=lora.alpha,
        lora_dropout=0.0 if compared else lora.dropout,
        target_modules=targets,
        target_parameters=lora.target_parameters,
        bias=lora.bias,
    )
    try:
        with warnings.catch_warnings():
            # Of fused experts PEFT doubles the rank, by a pattern that its own check does not recognise.
            warnings.filterwarnings(
                "ignore", message="The following (rank|alpha)_pattern keys", category=RuntimeWarning
            )
            return get_peft_model(base, settings)
    except ValueError as error:
        raise TrainerError(
            "no-target-modules",
            f"The adapter cannot be put on these layers: {error}",
            "Where they are experts that are fused into one parameter, set lora.dropout to 0 or adapt the "
            "attention only (lora.targetModules null).",
        ) from error


def _without_dropout(base: Any) -> None:
    """Preferences are differences of two passes, in which dropout would be mostly noise (TRL's default, too)."""
    for module in base.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0


def adapted_names(adapted: Any) -> list[str]:
    """What the adapter is on: suffixes of modules, then of parameters."""
    settings = adapted.peft_config["default"]
    return [*sorted(settings.target_modules), *sorted(settings.target_parameters or [])]


def ordered(settings: LoraConfig) -> LoraConfig:
    """The adapter's settings with lists for PEFT's sets, whose order differs from run to run."""
    settings.target_modules = sorted(settings.target_modules or [])
    settings.target_parameters = sorted(settings.target_parameters) if settings.target_parameters else None
    return settings
