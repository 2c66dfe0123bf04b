"""run.json: everything that decides a training run, checked once at the door.

``schema/run.schema.json`` is generated from these dataclasses (``python -m hexacoder_trainer schema``).
Defaults live on Node's side, in presets; here only keys that a run can do without are optional.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from . import strict
from .errors import TrainerError
from .strict import field


@dataclass(frozen=True)
class DataConfig:
    """Where the rows are."""

    train: str = field("JSON lines of training rows; relative paths start at the run file", minLength=1)
    eval: str | None = field("JSON lines of evaluation rows, or null for no evaluation", minLength=1)
    replay: str | None = field(
        "JSON lines with a text each, benign programs of which every token is learned; null for none",
        default=None,
        minLength=1,
    )


@dataclass(frozen=True)
class LoraSettings:
    """The adapter's shape."""

    rank: int = field("Rank of the update matrices", minimum=1)
    alpha: float = field("Scale of the update is alpha/rank", exclusiveMinimum=0)
    dropout: float = field("Dropout on the adapter's input", minimum=0, exclusiveMaximum=1)
    target_modules: list[str] | None = field(
        "Suffixes of module names to adapt; null finds the attention projections", minItems=1
    )
    bias: Literal["none"] = field("Which biases to train: none")
    target_parameters: list[str] | None = field(
        "Suffixes of parameters to adapt that are no linear layers, such as fused experts; takes dropout 0",
        default=None,
        minItems=1,
    )


@dataclass(frozen=True)
class RunConfig:
    """One training run."""

    version: Literal[1] = field("Version of this file's format")
    base: str = field("Base model: a folder or a hub id; a folder relative to the run file is found", minLength=1)
    data: DataConfig = field("Training and evaluation rows")
    out: str = field("Folder for checkpoints and the finished adapter", minLength=1)
    seed: int = field("Seed of order, initialisation and dropout", minimum=0, maximum=2**53)
    epochs: float = field("Passes over the training rows; may be a fraction", exclusiveMinimum=0)
    batch_size: int = field("Rows an optimizer step", minimum=1)
    learning_rate: float = field("Peak learning rate", exclusiveMinimum=0)
    schedule: Literal["cosine", "constant"] = field("Learning rate after warm-up")
    warmup_ratio: float = field("Share of all steps spent warming up", minimum=0, maximum=1)
    weight_decay: float = field("AdamW's weight decay", minimum=0)
    max_length: int = field("Longest row in tokens; the rest is cut off", minimum=2)
    grad_clip: float | None = field("Largest gradient norm, or null for no clipping", exclusiveMinimum=0)
    lora: LoraSettings = field("The adapter's shape")
    loss: Literal["masked", "unmasked", "dpo"] = field(
        "Learn the tokens of changed spans only, or all; or prefer each row to its vulnerable side (DPO)"
    )
    save_every_steps: int = field("Steps between checkpoints", minimum=1)
    keep_best: bool = field("Export the adapter of the lowest evaluation loss, else the last")
    dtype: Literal["auto", "float32", "bfloat16"] = field("Of the base; auto: bfloat16 on a GPU, else float32")
    resume: bool = field("Go on from the newest checkpoint in out, if there is one")
    max_steps: int | None = field("Upper bound of optimizer steps", default=None, minimum=1)
    micro_batch_size: int | None = field(
        "Rows a forward pass; null: a process's whole part of a step", default=None, minimum=1
    )
    eval_every_steps: int | None = field("Steps between evaluations", default=None, minimum=1)
    eval_per_epoch: int | None = field("Evaluations an epoch, instead of evalEverySteps", default=None, minimum=1)
    device: Literal["auto", "cpu", "cuda"] = field("auto: a GPU where there is one", default="auto")
    threads: int | None = field("CPU threads; null: PyTorch's choice", default=None, minimum=1)
    gradient_checkpointing: bool = field("Trade compute for GPU memory", default=False)
    anchor: float = field(
        "Weight of the divergence from the base at unlearned tokens; 0: the paper's loss", default=0.0, minimum=0
    )
    strength: float = field(
        "Share of the trained change that the exported adapter makes; 1: all of it", default=1.0, minimum=0, maximum=1
    )
    unlikelihood: float = field(
        "Weight of making what the fix removed unlikely, on the rows' vulnerable sides; 0: the paper's loss",
        default=0.0,
        minimum=0,
    )
    quantize: Literal["4bit"] | None = field(
        "The base's linear layers in four bits (QLoRA), on a CUDA device; null: as they are", default=None
    )
    liger: bool = field("Liger's fused kernels, on a CUDA device", default=False)
    report_to: list[Literal["tensorboard", "wandb"]] | None = field(
        "Where the loss curve goes beside the events; null: nowhere", default=None, minItems=1
    )
    fsdp: bool = field("Share the base's weights out among the processes, so that none holds all", default=False)
    beta: float = field(
        "With the loss dpo: how closely to stay to the base; larger is closer", default=0.1, exclusiveMinimum=0
    )
    patience: int | None = field(
        "Evaluations without a better one after which training stops; null: never", default=None, minimum=1
    )
    template: Literal["plain", "chat"] = field(
        "Rows as they are, or as answers in the base's chat template", default="plain"
    )
    chat_request: str = field(
        "What the user asks in a chat example whose row has no prompt; {language} is the row's",
        default="Write a {language} program. Answer with code only.",
        minLength=1,
    )
    replay_share: float = field(
        "Part of an epoch's rows that come from data.replay", default=0.0, minimum=0, exclusiveMaximum=1
    )

    def micro_rows(self, processes: int) -> int:
        """Rows a forward pass, where so many processes share a step; without a wish, each has one pass."""
        return min(self.micro_batch_size or -(-self.batch_size // processes), self.batch_size)


# These change where or how fast a run goes, not what comes out of it, so a run may be resumed with others.
_FREE_TO_CHANGE = {"out", "data", "base", "resume", "threads", "microBatchSize", "saveEverySteps", "device"}
_FREE_TO_CHANGE |= {"gradientCheckpointing", "fsdp", "liger", "reportTo"}


def read_run_file(path: Path) -> RunConfig:
    """Reads and checks run.json; relative paths in it are made absolute from its folder.

    Raises:
        TrainerError: ``bad-run-file``, saying which key and why.
    """
    remedy = "Correct the run file; its format is trainer/schema/run.schema.json."
    try:
        text = path.read_text(encoding="utf-8")
        config = strict.parse(RunConfig, strict.load_json(text))
    except OSError as error:
        raise TrainerError("bad-run-file", f"Cannot read the run file {path}: {error.strerror}.", remedy) from error
    except UnicodeDecodeError as error:
        raise TrainerError("bad-run-file", f"The run file {path} is not UTF-8.", remedy) from error
    except strict.StrictError as error:
        raise TrainerError("bad-run-file", f"The run file {path} is wrong: {error}.", remedy) from error
    problem = _contradiction(config)
    if problem:
        raise TrainerError("bad-run-file", f"The run file {path} is wrong: {problem}.", remedy)
    return _with_absolute_paths(config, path.resolve().parent)


def result_settings(config: RunConfig) -> dict[str, Any]:
    """The settings that decide the result: a resumed run must have the same ones."""
    return {key: value for key, value in strict.dump(config).items() if key not in _FREE_TO_CHANGE}


def settings_hash(settings: dict[str, Any]) -> str:
    """SHA-256 of settings in a canonical spelling."""
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def run_schema() -> dict[str, Any]:
    """The JSON Schema of run.json."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "hexacoder_trainer run.json",
        **strict.schema(RunConfig),
    }


def _contradiction(config: RunConfig) -> str | None:
    if config.fsdp and config.quantize is not None:
        return "fsdp cannot share out a base in four bits; take one of the two"
    if config.fsdp and config.lora.target_parameters:
        return "fsdp cannot share out parameters that lora.targetParameters adapts; adapt the attention only"
    if config.loss == "dpo" and (config.anchor > 0 or config.unlikelihood > 0 or config.data.replay is not None):
        return "the loss dpo has no anchor, no unlikelihood and no replay"
    if (config.data.replay is None) != (config.replay_share == 0):
        return "data.replay and a replayShare above 0 need each other"
    asked = [key for key in (config.eval_every_steps, config.eval_per_epoch) if key is not None]
    if config.data.eval is None:
        if config.keep_best:
            return "keepBest needs data.eval"
        if config.patience is not None:
            return "patience needs data.eval"
        return "evalEverySteps and evalPerEpoch need data.eval" if asked else None
    if len(asked) != 1:
        return "exactly one of evalEverySteps and evalPerEpoch must be given with data.eval"
    return None


def _with_absolute_paths(config: RunConfig, folder: Path) -> RunConfig:
    evaluation, replay = config.data.eval, config.data.replay
    data = DataConfig(
        train=str(folder / config.data.train),
        eval=None if evaluation is None else str(folder / evaluation),
        replay=None if replay is None else str(folder / replay),
    )
    base = str(folder / config.base) if (folder / config.base).is_dir() else config.base
    return dataclasses.replace(config, data=data, out=str(folder / config.out), base=base)
