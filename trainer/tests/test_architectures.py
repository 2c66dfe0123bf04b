"""The paper's architectures and Llama, as miniatures with random weights, under their own presets' adapters."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import PeftModel
from torch.nn import functional
from transformers import AutoModelForCausalLM

from hexacoder_trainer.adapters import merged_copies
from hexacoder_trainer.batches import collate
from hexacoder_trainer.config import read_run_file
from hexacoder_trainer.errors import TrainerError
from hexacoder_trainer.guard import Interruption
from hexacoder_trainer.labels import Labelled
from hexacoder_trainer.loss import loss_sums
from hexacoder_trainer.merge import merge
from hexacoder_trainer.model import takes_logits_to_keep
from hexacoder_trainer.parallel import Ranks
from hexacoder_trainer.prepare import prepare
from hexacoder_trainer.train import Run

from .architectures import other_architecture
from .conftest import make_rows, write_rows

PRESETS = Path(__file__).parents[2] / "data" / "presets"
CASES = {
    "codegen": "codegen-350m",
    "xglm": "incoder-6b",
    "qwen2": "qwen2.5-coder-1.5b",
    "deepseek v2": "deepseek-coder-v2-lite",
    "deepseek v2, attention": "deepseek-coder-v2-lite-attention",
    "llama": "llama-like",
}


@dataclass
class Trained:
    """A miniature after a short training, and what the training said."""

    base: Path
    out: Path
    adapted: Any
    rows: list[Labelled]
    losses: list[float]
    targets: list[str]


@pytest.fixture(scope="module", params=CASES)
def trained(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, tokenizer: Any) -> Trained:
    folder = tmp_path_factory.mktemp("architecture")
    model = other_architecture(request.param.split(",")[0])
    for weight in model.parameters():
        if weight.ndim > 1:
            torch.nn.init.normal_(weight, std=0.1)  # transformers' own start is too near zero to tell models apart
    model.save_pretrained(folder / "base")
    tokenizer.save_pretrained(folder / "base")
    write_rows(folder / "train.jsonl", make_rows(16))
    write_rows(folder / "eval.jsonl", make_rows(6, salt="e"))
    preset = json.loads((PRESETS / f"{CASES[request.param]}.json").read_text(encoding="utf-8"))["settings"]
    run_file = {
        "version": 1, "base": "base", "data": {"train": "train.jsonl", "eval": "eval.jsonl"}, "out": "out", "seed": 3,
        "epochs": 4, "batchSize": 8, "microBatchSize": 4, "learningRate": 0.01, "schedule": "constant",
        "warmupRatio": 0, "weightDecay": 0.001, "maxLength": 96, "gradClip": 1.0, "loss": "masked", "evalPerEpoch": 1,
        "saveEverySteps": 100, "keepBest": False, "dtype": "float32", "device": "cpu", "threads": 1, "resume": True,
        "lora": {"dropout": 0.1, "bias": "none", **preset["lora"]},
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(run_file), encoding="utf-8")
    return train_here(folder)


def train_here(folder: Path) -> Trained:
    seen: list[Any] = []
    prepared = prepare(read_run_file(folder / "run.json"), seen.append, Ranks())
    run = Run(prepared, Ranks())
    run.train_steps(seen.append, Interruption())
    run.export()
    return Trained(
        base=folder / "base",
        out=folder / "out",
        adapted=run.adapted.eval(),
        rows=prepared.eval_rows.rows,
        losses=[event.loss for event in seen if event.event == "eval"],
        targets=run.start.target_modules,
    )


@pytest.fixture
def text(trained: Trained) -> torch.Tensor:
    return torch.tensor([trained.rows[0].tokens.tolist()])


def logits(model: Any, tokens: torch.Tensor, **inputs: Any) -> torch.Tensor:
    with torch.no_grad():
        return model(tokens, use_cache=False, **inputs).logits


# PEFT doubles the rank of fused experts by a pattern that its own check does not recognise.
pytestmark = pytest.mark.filterwarnings("ignore:The following .* keys did not match:RuntimeWarning")


def test_the_loss_falls(trained: Trained) -> None:
    assert trained.losses[-1] < 0.95 * trained.losses[0]


def test_the_adapter_reloads_with_peft_to_identical_logits(trained: Trained, text: torch.Tensor) -> None:
    base = AutoModelForCausalLM.from_pretrained(trained.base)
    before = logits(base, text)
    reloaded = PeftModel.from_pretrained(base, str(trained.out)).eval()
    assert torch.equal(logits(reloaded, text), logits(trained.adapted, text))
    assert not torch.allclose(logits(reloaded, text), before, atol=1e-2)


def test_the_merged_model_equals_the_adapted_one(trained: Trained, text: torch.Tensor) -> None:
    base = AutoModelForCausalLM.from_pretrained(trained.base)
    merged = merged_copies(base, {"a": trained.out})["a"]
    assert torch.allclose(logits(merged, text), logits(trained.adapted, text), atol=1e-4)


def test_the_merged_folder_is_a_model_of_its_own(trained: Trained, text: torch.Tensor) -> None:
    out, seen = trained.out.parent / "merged", list[Any]()
    merge(str(trained.base), trained.out, out, seen.append)
    assert (seen[0].event, seen[0].path) == ("merged", str(out))
    alone = AutoModelForCausalLM.from_pretrained(out).eval()
    assert torch.allclose(logits(alone, text), logits(trained.adapted, text), atol=1e-4)
    with pytest.raises(TrainerError, match="there already"):
        merge(str(trained.base), trained.out, out, seen.append)


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_masked_loss_equals_a_plain_reference(trained: Trained, side: str) -> None:
    model, rows = trained.adapted, trained.rows
    batch = collate(rows, 1, torch.device("cpu"))
    with torch.no_grad():
        sparse = takes_logits_to_keep(model.get_base_model())
        loss = float(loss_sums(model, batch, sparse_logits=sparse).learned)
    count = sum(int(row.learned.sum()) for row in rows)
    assert loss / count == pytest.approx(plain_loss(model, rows, side), abs=1e-6)


def plain_loss(model: Any, rows: list[Labelled], side: str) -> float:
    """As a textbook has it: padded rows, an attention mask, labels of -100, the mean over what is left."""
    longest = max(len(row.tokens) for row in rows)
    tokens = torch.ones((len(rows), longest), dtype=torch.long)
    labels = torch.full((len(rows), longest), -100)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    for index, row in enumerate(rows):
        length = len(row.tokens)
        place = slice(longest - length, longest) if side == "left" else slice(0, length)
        own = torch.tensor(row.tokens.tolist())
        tokens[index, place], mask[index, place] = own, 1
        labels[index, place] = torch.where(torch.tensor(row.learned.tolist()), own, -100)
    positions = (mask.cumsum(1) - 1).clamp(min=0)
    scores = logits(model, tokens, attention_mask=mask, position_ids=positions)[:, :-1]
    return float(functional.cross_entropy(scores.reshape(-1, scores.shape[-1]), labels[:, 1:].reshape(-1)))


@pytest.mark.parametrize("trained", ["deepseek v2"], indirect=True)
def test_the_experts_of_deepseek_are_adapted_all_of_them(trained: Trained) -> None:
    parts = {
        name.rsplit(".lora_", 1)[0] for name, weight in trained.adapted.named_parameters() if weight.requires_grad
    }
    for wanted in ("mlp.experts", "mlp.experts.base_layer", "shared_experts.up_proj", "layers.0.mlp.down_proj"):
        assert any(part.endswith(wanted) for part in parts), wanted
    assert {"gate_up_proj", "down_proj", "kv_b_proj"} <= set(trained.targets)
