"""What only a CUDA device can do: a base in four bits (QLoRA), and Liger's fused kernels.

Both are refused elsewhere, before a base is read. Neither has been run yet: no GPU was at hand.
"""

from __future__ import annotations

from typing import Any

import torch

from . import model
from .config import RunConfig
from .errors import TrainerError
from .packages import require_package


def check_acceleration(config: RunConfig, device: torch.device) -> None:
    """Fails when the run asks for what this device or this environment does not have.

    Raises:
        TrainerError: ``device-not-found`` or ``package-missing``.
    """
    if config.quantize is not None:
        _require_gpu("quantize: 4bit (QLoRA)", device)
        require_package("bitsandbytes", "bitsandbytes==0.50.2", "quantize: 4bit (QLoRA)")
    if config.liger:
        _require_gpu("liger", device)
        require_package("liger_kernel", "liger-kernel==0.8.5", "liger")


def load_quantized(base: str, device: torch.device, dtype: torch.dtype) -> tuple[Any, str]:
    """A base whose linear layers are in four bits (NF4, QLoRA: arXiv 2305.14314), ready to train an adapter on.

    Returns:
        The model, and the fingerprint of the base as it is published: the adapter is for that one as well, so the
        weights are read once more for it, on the processor.
    """
    from peft import prepare_model_for_kbit_training
    from transformers import BitsAndBytesConfig

    fingerprint = model.fingerprint(model.load_base(base, torch.device("cpu"), "auto"))
    settings = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )
    quantized = model.load_base_with(base, dtype=dtype, quantization_config=settings, device_map={"": device})
    return prepare_model_for_kbit_training(quantized.eval(), use_gradient_checkpointing=False), fingerprint


def with_liger(base: Any) -> None:
    """Puts Liger's kernels for norms, rotary embeddings and gated layers into a model; the loss stays ours.

    Raises:
        TrainerError: ``unsupported-model`` where there are none for the architecture.
    """
    from liger_kernel.transformers import _apply_liger_kernel_to_instance
    from liger_kernel.transformers.monkey_patch import MODEL_TYPE_TO_APPLY_LIGER_FN

    kind = base.config.model_type
    if kind not in MODEL_TYPE_TO_APPLY_LIGER_FN:
        raise TrainerError(
            "unsupported-model",
            f"Liger has no kernels for models of the type {kind}.",
            "Leave liger out for this base.",
        )
    _apply_liger_kernel_to_instance(model=base, fused_linear_cross_entropy=False, cross_entropy=False)


def _require_gpu(what: str, device: torch.device) -> None:
    if device.type != "cuda":
        raise TrainerError(
            "device-not-found",
            f"{what} needs a CUDA GPU, and this run is on {device.type}.",
            "Leave it out, or train on a machine with an NVIDIA GPU and a CUDA build of PyTorch (hexacoder setup).",
        )
