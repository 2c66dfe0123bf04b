"""The base model, its tokenizer, and where LoRA attaches: no model is known by name here.

Dtype, pad token and target modules are read from the loaded architecture or come from run.json.
"""

from __future__ import annotations

import contextlib
import hashlib
import inspect
import platform
import re
import warnings
from collections import Counter
from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from . import __version__
from .errors import TrainerError, is_out_of_memory

_HUB_ID = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float64": torch.float64}


def choose_device(wanted: str, number: int | None = None) -> torch.device:
    """``auto`` takes a GPU where there is one, that of the number; a GPU that is not there is an error."""
    available = torch.cuda.is_available()
    if wanted == "cuda" and not available:
        raise TrainerError(
            "device-not-found",
            "A CUDA device was asked for, and PyTorch sees none.",
            "Use device auto or cpu, or install a CUDA build of PyTorch with: hexacoder setup",
        )
    if not available or wanted == "cpu":
        return torch.device("cpu")
    return torch.device("cuda") if number is None else torch.device("cuda", number)


def choose_dtype(wanted: str, device: torch.device) -> torch.dtype:
    """``auto`` is bfloat16 on a GPU that has it, and float32 else."""
    if wanted == "auto":
        return torch.bfloat16 if device.type == "cuda" and torch.cuda.is_bf16_supported() else torch.float32
    return _DTYPES[wanted]


def dtype_name(dtype: torch.dtype) -> str:
    """``float32`` of ``torch.float32``."""
    return str(dtype).removeprefix("torch.")


def load_tokenizer(base: str) -> Any:
    """Loads the tokenizer of a base model."""
    from transformers import AutoTokenizer

    return _load(base, "tokenizer", AutoTokenizer.from_pretrained)


def load_base(base: str, device: torch.device, dtype: torch.dtype | Literal["auto"]) -> Any:
    """Loads a causal language model for inference mode on a device; code from the hub is never run.

    Args:
        base: A folder or a hub id.
        device: Where it goes.
        dtype: Of its weights; ``auto`` is that of its files.
    """
    return load_base_with(base, dtype=dtype).to(device).eval()


def load_base_with(base: str, **options: Any) -> Any:
    """Loads a causal language model with options of transformers' own; it stays where they put it."""
    from transformers import AutoModelForCausalLM

    return _load(base, "model", AutoModelForCausalLM.from_pretrained, **options)


def context_length(model: Any) -> int:
    """Tokens that the model can see at once."""
    config = model.config.get_text_config()
    for name in ("max_position_embeddings", "n_positions", "max_seq_len", "seq_length"):
        length = getattr(config, name, None)
        if isinstance(length, int) and length > 0:
            return length
    return 2048


def takes_logits_to_keep(model: Any) -> bool:
    """Whether the forward pass can project the vocabulary at some positions only."""
    return "logits_to_keep" in inspect.signature(model.forward).parameters


def pad_token(tokenizer: Any) -> int:
    """A token to pad with; it is masked, so which one does not matter."""
    for token in (tokenizer.pad_token_id, tokenizer.eos_token_id):
        if token is not None:
            return int(token)
    return 0


def attention_projections(model: nn.Module) -> list[str]:
    """Suffixes that name the linear layers inside attention blocks, and nothing else.

    A layer's own name is enough where no other block uses it; else its block's name goes before it
    (GPT-2 has a ``c_proj`` in its attention and another in its MLP).
    """
    linear = [name for name, module in model.named_modules() if _is_projection(module)]
    inside = [name for name in linear if _in_attention(name)]
    if not inside:
        raise TrainerError(
            "no-target-modules",
            "No attention projections were found in this architecture.",
            f"Name the layers in lora.targetModules; linear layers here: {_names(linear)}.",
        )
    outside = {name.rsplit(".", 1)[-1] for name in linear if not _in_attention(name)}
    suffixes = {
        leaf if (leaf := name.rsplit(".", 1)[-1]) not in outside else ".".join(name.split(".")[-2:])
        for name in inside
    }
    return sorted(suffixes)


def check_target_modules(model: nn.Module, wanted: list[str]) -> None:
    """Fails when one of the suffixes names no layer, which PEFT would let pass beside others that do."""
    linear = [name for name, module in model.named_modules() if _is_projection(module)]
    for suffix in wanted:
        if not any(name == suffix or name.endswith(f".{suffix}") for name in linear):
            raise TrainerError(
                "no-target-modules",
                f"No linear layer of this model is called {suffix}.",
                f"Correct lora.targetModules, or give null; linear layers here: {_names(linear)}.",
            )


def check_target_parameters(model: nn.Module, wanted: list[str]) -> None:
    """Fails when one of the suffixes names no parameter."""
    names = [name for name, _ in model.named_parameters()]
    for suffix in wanted:
        if not any(name == suffix or name.endswith(f".{suffix}") for name in names):
            raise TrainerError(
                "no-target-modules",
                f"No parameter of this model is called {suffix}.",
                "Correct lora.targetParameters, or leave it out; names as in the model's own state.",
            )


def fingerprint(model: nn.Module) -> str:
    """SHA-256 over shapes and samples of all weights: tells two bases apart, wherever they lie.

    Values are rounded to bfloat16 first, so that the dtype chosen for loading does not matter.
    """
    digest = hashlib.sha256()
    for name, weight in sorted(model.state_dict().items()):
        digest.update(f"{name}{tuple(weight.shape)}".encode())
        flat = weight.detach().reshape(-1)
        picked = flat[torch.linspace(0, len(flat) - 1, min(len(flat), 64)).long().to(flat.device)]
        digest.update(picked.to(torch.bfloat16).cpu().view(torch.int16).numpy().tobytes())
    return digest.hexdigest()


def versions() -> dict[str, str]:
    """Versions that a result depends on."""
    import peft
    import transformers

    return {
        "python": platform.python_version(),
        "torch": torch.__version__,
        "transformers": transformers.__version__,
        "peft": peft.__version__,
        "hexacoderTrainer": __version__,
    }


def quiet_libraries() -> None:
    """No progress bars and no advice on standard error, where a person looks for the reason of a failure."""
    from transformers.utils import logging

    warnings.filterwarnings("ignore", category=FutureWarning)  # PEFT uses names that transformers will retire
    logging.disable_progress_bar()
    logging.set_verbosity_error()


def _load(base: str, what: str, load: Any, **options: Any) -> Any:
    """Loads from a folder or the hub's cache, and asks the network only for what is in neither."""
    try:
        if not Path(base).is_dir() and _HUB_ID.fullmatch(base):
            with contextlib.suppress(OSError, ValueError, KeyError):
                return load(base, local_files_only=True, **options)
            return load(base, **options)
        if not Path(base).is_dir():
            raise FileNotFoundError(f"there is no such folder, and {base} is no hub id (ORG/NAME)")
        return load(base, local_files_only=True, **options)
    except (OSError, ValueError, KeyError) as error:
        if is_out_of_memory(error):
            raise
        reason = str(error).strip().splitlines()[0][:300] if str(error).strip() else type(error).__name__
        raise TrainerError(
            "base-not-found",
            f"Cannot load the {what} of {base}: {reason}",
            "Check the folder or hub id; a hub model needs a network the first time, and a licence you accepted.",
        ) from error


def _is_projection(module: nn.Module) -> bool:
    return isinstance(module, nn.Linear) or type(module).__name__ == "Conv1D"


def _in_attention(name: str) -> bool:
    return any("attn" in part or "attention" in part for part in name.lower().split(".")[:-1])


def _names(names: list[str]) -> str:
    counts = Counter(name.rsplit(".", 1)[-1] for name in names)
    return ", ".join(sorted(counts)) or "none"
