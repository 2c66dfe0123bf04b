"""Preference training: what is compared, the loss against the formula, and whole runs."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

from hexacoder_trainer.batches import collate
from hexacoder_trainer.labels import Labelled, Labeller
from hexacoder_trainer.loss import preference_sums
from hexacoder_trainer.rows import Example

from .conftest import make_rows, write_rows
from .support import RunFile, fails, raiser, run

CPU = torch.device("cpu")

PAIRS = [
    ("import shlex\nrun(shlex.quote(name))\n", "run(name)\n"),
    ("def f(a):\n    return safe_load(a)\n", "def f(a):\n    return load(a)\n"),
    ("x = '😀'\nprint(escape(x))\n", "x = '😀'\nprint(x)\nprint(x)\n"),
    ("a = 1\n", "a = 1\nb = a\n"),
]


def label(tokenizer: Any, fixed: str, vulnerable: str | None, max_length: int = 64) -> Labelled:
    side = None if vulnerable is None else Example("v", vulnerable, [])
    (row,) = Labeller(tokenizer, max_length, "dpo").label([Example("f", fixed, [], vulnerable=side)])
    return row


@pytest.fixture(scope="module")
def pairs(tokenizer: Any) -> list[Labelled]:
    return [label(tokenizer, *pair) for pair in PAIRS]


@pytest.fixture(scope="module")
def adapted(base: Path) -> Any:
    """An adapter that has moved away from its base, without dropout."""
    torch.manual_seed(5)
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(base), LoraConfig(r=2, target_modules=["q_proj"]))
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "lora_B" in name:
                weight.normal_(std=0.3)
    return model.eval()


def sides(pair: Labelled) -> tuple[Labelled, Labelled]:
    assert pair.twin is not None
    return pair, pair.twin


def batch_of(pairs: list[Labelled], pad: int = 0) -> Any:
    return collate([side for pair in pairs for side in sides(pair)], pad, CPU)


def log_probability(model: Any, row: Labelled, since: int) -> float:
    """Row by row, without padding, token by token."""
    with torch.no_grad():
        logits = model(torch.tensor([row.tokens.tolist()])).logits[0].double()
    return sum(
        float(torch.log_softmax(logits[at - 1], dim=0)[int(row.tokens[at])]) for at in range(since, len(row.tokens))
    )


def plain_formula(model: Any, pairs: list[Labelled], beta: float, since: int) -> float:
    """-log sigmoid(beta · ((log π(w) - log ref(w)) - (log π(l) - log ref(l)))), summed over pairs."""
    total = 0.0
    for pair in pairs:
        gains = []
        for side in sides(pair):
            now = log_probability(model, side, since)
            with model.disable_adapter():
                gains.append(now - log_probability(model, side, since))
        total += math.log(1 + math.exp(-beta * (gains[0] - gains[1])))
    return total


@pytest.mark.parametrize("pair", range(len(PAIRS)))
def test_marked_is_what_stands_behind_a_common_beginning(tokenizer: Any, pairs: list[Labelled], pair: int) -> None:
    fixed, vulnerable = sides(pairs[pair])
    since = int(fixed.learned.argmax())
    # Nothing predicts the first token, so it is never marked, even where it differs.
    assert since == 1 or fixed.tokens[:since].tolist() == vulnerable.tokens[:since].tolist()
    assert since == 1 or fixed.tokens[since] != vulnerable.tokens[since]
    assert fixed.learned[since:].all() and vulnerable.avoided[since:].all()
    assert not fixed.avoided.any() and not vulnerable.learned.any()
    assert [side.tokens[-1] for side in (fixed, vulnerable)] == [tokenizer.eos_token_id] * 2


@pytest.mark.parametrize(
    ("fixed", "vulnerable", "max_length", "counted"),
    [
        ("a = 1\n", None, 64, (1, 0, 0)),
        ("a = 1\n", "a = 1\n", 64, (0, 1, 0)),
        ("x = 1\n" * 30 + "a", "x = 1\n" * 30 + "b", 20, (0, 0, 1)),
        ("a = 1\n", "b = 1\n", 64, (0, 0, 0)),
    ],
)
def test_rows_with_nothing_to_compare_are_counted_by_reason(
    tokenizer: Any, fixed: str, vulnerable: str | None, max_length: int, counted: tuple[int, int, int]
) -> None:
    side = None if vulnerable is None else Example("v", vulnerable, [])
    rows = Labeller(tokenizer, max_length, "dpo").label_all([Example("f", fixed, [], vulnerable=side)], trim=True)
    assert (rows.no_vulnerable_side, rows.no_changes, rows.beyond_max_length) == counted
    assert len(rows.rows) == 1 - sum(counted)


@pytest.mark.parametrize("sparse", [True, False])
@pytest.mark.parametrize(("beta", "within"), [(0.1, 1e-6), (2.0, 2e-5)])  # sums of hundreds of nats, in float32
def test_the_loss_equals_the_papers_formula(
    adapted: Any, pairs: list[Labelled], sparse: bool, beta: float, within: float
) -> None:
    with torch.no_grad():
        sums = preference_sums(adapted, batch_of(pairs, pad=7), beta=beta, sparse_logits=sparse)
    # From the second token on: what both sides begin with is in the formula, and cancels out of it.
    wanted = plain_formula(adapted, pairs, beta, since=1)
    assert float(sums.loss) / len(pairs) == pytest.approx(wanted / len(pairs), abs=within)
    assert abs(wanted / len(pairs) - math.log(2)) > 1e-3, "an adapter that has not moved would prove nothing"


def test_an_adapter_that_is_the_base_prefers_nothing(base: Path, pairs: list[Labelled]) -> None:
    fresh = get_peft_model(AutoModelForCausalLM.from_pretrained(base), LoraConfig(r=2, target_modules=["q_proj"]))
    with torch.no_grad():
        sums = preference_sums(fresh, batch_of(pairs), beta=0.1, sparse_logits=True)
    assert float(sums.loss) == pytest.approx(len(pairs) * math.log(2))
    assert sums.preferred == 0


def paired_rows(count: int, *, salt: str = "") -> list[dict[str, Any]]:
    """The fix of each is an argument list in the place of a shell string."""
    rows = []
    for row in make_rows(count, salt=salt):
        text = row["text"].replace("import subprocess", "import os").replace(
            "subprocess.run(['ping', name])", "os.system('ping ' + name)"
        )  # fmt: skip
        rows.append({**row, "vulnerable": {"text": text, "changes": [{"start": 0, "end": 9}]}})
    return rows


@pytest.fixture
def dpo_file(run_file: RunFile, tmp_path: Path) -> RunFile:
    def write(name: str = "run.json", **changes: Any) -> Path:
        path = run_file(name, **{"loss": "dpo", "maxLength": 128, "learningRate": 0.003, **changes})
        write_rows(tmp_path / "train.jsonl", paired_rows(12))
        write_rows(tmp_path / "eval.jsonl", paired_rows(4, salt="e"))
        return path

    return write


def test_a_run_learns_to_prefer_the_fixed_side(dpo_file: RunFile) -> None:
    seen = run(dpo_file(epochs=6))
    steps = [event for event in seen if event.event == "step"]
    assert (steps[0].loss, steps[0].preferred) == (pytest.approx(math.log(2), abs=1e-4), 0)
    last = [event for event in seen if event.event == "eval"][-1]
    assert last.loss < 0.3
    assert last.preferred == 1
    assert seen[-1].eval_loss == pytest.approx(last.loss)
    card = (Path(seen[-1].path) / "README.md").read_text(encoding="utf-8")
    assert "DPO" in card and "nats a pair" in card


def test_how_a_step_is_cut_does_not_change_it(dpo_file: RunFile) -> None:
    whole, cut = (run(dpo_file(f"{rows}.json", out=str(rows), microBatchSize=rows, maxSteps=3)) for rows in (None, 1))
    for kind in ("step", "eval"):
        losses = [[event.loss for event in seen if event.event == kind] for seen in (whole, cut)]
        assert losses[0] == pytest.approx(losses[1], abs=1e-5)


def test_a_resumed_run_makes_the_same_steps(dpo_file: RunFile, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = run(dpo_file("whole.json", out="whole", epochs=2, saveEverySteps=2))
    path = dpo_file(epochs=2, saveEverySteps=2)
    with monkeypatch.context() as patch:
        patch.setattr("hexacoder_trainer.train.export_adapter", raiser(RuntimeError("cut")))
        with pytest.raises(RuntimeError):
            run(path)
    again = run(path)
    assert again[1].event == "resumed"
    assert again[-1].eval_loss == pytest.approx(whole[-1].eval_loss, abs=1e-6)


def test_rows_without_a_vulnerable_side_are_reported(dpo_file: RunFile, tmp_path: Path) -> None:
    path = dpo_file(maxSteps=1)
    rows = paired_rows(4)
    write_rows(tmp_path / "train.jsonl", [*rows, *make_rows(2, salt="alone")])
    first = run(path)[0]
    assert (first.count, first.no_vulnerable_side, first.ids) == (2, 2, ["alone0", "alone1"])


@pytest.mark.parametrize(
    ("changes", "code", "said"),
    [
        ({}, "no-learning-tokens", "--vulnerable-side"),
        ({"anchor": 1}, "bad-run-file", "no anchor"),
        ({"unlikelihood": 1}, "bad-run-file", "no unlikelihood"),
        ({"beta": 0}, "bad-run-file", "beta"),
    ],
)
def test_what_does_not_go_with_it_is_refused(
    run_file: RunFile, changes: dict[str, Any], code: str, said: str
) -> None:
    error = fails(run_file(loss="dpo", **changes))
    assert error.code == code
    assert said in f"{error.message} {error.remedy}"


def test_pairs_stay_together_when_rows_are_trimmed(pairs: list[Labelled]) -> None:
    lonely = dataclasses.replace(pairs[0], learned=pairs[0].avoided)
    assert len(lonely.trimmed().tokens) == 1
    twin = lonely.trimmed().twin
    assert twin is not None and len(twin.tokens) == len(sides(pairs[0])[1].tokens)
