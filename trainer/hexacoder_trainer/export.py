"""The finished adapter: a standard PEFT folder that any tool can load, with a card that says how it was made.

``trainer_state.json`` is written last; a folder that has it is complete.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetensors.torch import save

from . import strict
from .checkpoint import Weights, write_file
from .config import RunConfig

STATE_FILE = "trainer_state.json"
_WRITING = ".writing-adapter"


@dataclass(frozen=True)
class Result:
    """What a finished run has to say about itself.

    Attributes:
        step: Steps done.
        best_step: Step of the exported adapter.
        eval_loss: Its evaluation loss, None without evaluation.
        evals: Every evaluation as [step, loss].
        facts: Figures of the start event.
        identity: Settings and hashes of the run.
    """

    step: int
    best_step: int | None
    eval_loss: float | None
    evals: list[list[float]]
    facts: dict[str, Any]
    identity: dict[str, Any]


def weakened(weights: Weights, strength: float) -> Weights:
    """An adapter between the base (0) and the trained one (1): LoRA's product scales with its second factor.

    Going a part of the way back keeps more of what the base could do, as in interpolating fine-tuned weights
    with their origin (WiSE-FT, arXiv 2109.01903).
    """
    return {name: weight * strength if "lora_B" in name else weight for name, weight in weights.items()}


def export_adapter(
    out: Path, config: RunConfig, peft_config: Any, tokenizer: Any, weights: Weights, result: Result
) -> None:
    """Writes the adapter folder; files appear under their names only when all of them are written."""
    writing = out / _WRITING
    shutil.rmtree(writing, ignore_errors=True)
    writing.mkdir(parents=True)
    try:
        write_file(writing / "adapter_model.safetensors", save(weights, metadata={"format": "pt"}))
        peft_config.inference_mode = True
        peft_config.save_pretrained(str(writing))
        tokenizer.save_pretrained(str(writing))
        write_file(writing / "README.md", model_card(config, result).encode())
        write_file(writing / STATE_FILE, json.dumps(_state(config, result), indent=2).encode())
        names = sorted(path.name for path in writing.iterdir())
        for name in [*(name for name in names if name != STATE_FILE), STATE_FILE]:
            (writing / name).replace(out / name)
    finally:
        shutil.rmtree(writing, ignore_errors=True)


def read_state(out: Path) -> dict[str, Any] | None:
    """The state of a finished run in ``out``, or None."""
    try:
        state = json.loads((out / STATE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return state if isinstance(state, dict) and state.get("finished") is True else None


def model_card(config: RunConfig, result: Result) -> str:
    """The adapter's README: base, data, settings, evaluation loss."""
    unit = "pair" if config.loss == "dpo" else "token"
    loss = "none (no evaluation rows)" if result.eval_loss is None else f"{result.eval_loss:.4f} nats a {unit}"
    settings = json.dumps(result.identity["settings"], indent=2)
    rows = [
        ("Base model", f"`{base_name(config.base)}`"),
        (
            "Training rows",
            f"{result.facts['trainRows']} ({result.facts['learningTokens']} learned tokens a pass)",
        ),
        ("Replay rows", f"{result.facts['replayRows']} an epoch, all their tokens learned"),
        ("Evaluation rows", str(result.facts["evalRows"])),
        ("SHA-256 of the data files", f"`{result.facts['dataHash']}`"),
        ("Steps", f"{result.step} (about {result.facts['epochs']:g} passes)"),
        ("Exported step", str(result.best_step if result.best_step is not None else result.step)),
        ("Evaluation loss", loss),
        ("Adapted modules", ", ".join(f"`{name}`" for name in result.facts["targetModules"])),
        ("Trainable parameters", f"{result.facts['trainableParams']:,}"),
        ("Versions", ", ".join(f"{name} {version}" for name, version in result.facts["versions"].items())),
    ]
    table = "\n".join(f"| {name} | {value} |" for name, value in rows)
    return (
        f"---\n{_base_line(config.base)}library_name: peft\npipeline_tag: text-generation\n"
        "tags:\n- lora\n- secure-code\n- hexacoder\n---\n\n"
        f"# LoRA adapter for {base_name(config.base)}\n\n"
        f"Trained by hexacoder to make the base write more secure code. {_LEARNED[config.loss]}\n"
        "Its completions still need review: it lowers how often a weakness is written, it does not prove "
        "that none is.\n\n"
        f"| | |\n|---|---|\n{table}\n\n## Settings\n\n```json\n{settings}\n```\n"
    )


_LEARNED = {
    "masked": "Only the tokens that overlap a changed span of a security fix were in the loss.",
    "unmasked": "All tokens were in the loss.",
    "dpo": "It learned to prefer fixed programs to the vulnerable ones that they were before (DPO).",
}


def base_name(base: str) -> str:
    """A hub id as it is, a folder by its own name (a card must not carry somebody's paths)."""
    return Path(base).name if Path(base).is_dir() else base


def _base_line(base: str) -> str:
    return "" if Path(base).is_dir() else f"base_model: {base}\n"


def _state(config: RunConfig, result: Result) -> dict[str, Any]:
    return {
        "finished": True,
        "step": result.step,
        "bestStep": result.best_step,
        "evalLoss": result.eval_loss,
        "evals": [{"step": int(step), "loss": loss} for step, loss in result.evals],
        "base": base_name(config.base),
        "facts": result.facts,
        "identity": result.identity,
        "run": {key: value for key, value in strict.dump(config).items() if key not in ("out", "data", "base")},
    }
