"""The server as its clients see it: one process for all tests, with an adapter."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch
from transformers import AutoModelForCausalLM

from hexacoder_trainer import events
from hexacoder_trainer.adapters import merged_copies
from hexacoder_trainer.config import read_run_file
from hexacoder_trainer.errors import TrainerError
from hexacoder_trainer.train import train

from .conftest import make_rows, write_rows

TRAINER = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def adapter(base: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("adapter")
    write_rows(folder / "train.jsonl", make_rows(12))
    settings = {
        "version": 1, "base": str(base), "data": {"train": "train.jsonl", "eval": None}, "out": "out", "seed": 1,
        "epochs": 4, "batchSize": 4, "learningRate": 0.02, "schedule": "constant", "warmupRatio": 0,
        "weightDecay": 0, "maxLength": 96, "gradClip": 1, "loss": "unmasked", "saveEverySteps": 1000,
        "keepBest": False, "dtype": "auto", "resume": True, "device": "cpu", "threads": 1,
        "lora": {"rank": 8, "alpha": 16, "dropout": 0, "targetModules": None, "bias": "none"},
    }  # fmt: skip
    (folder / "run.json").write_text(json.dumps(settings), encoding="utf-8")
    train(read_run_file(folder / "run.json"), lambda _: None)
    return folder / "out"


def start(*arguments: str, **options: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "hexacoder_trainer", "serve", "--device", "cpu", *arguments]
    environment = {**os.environ, "HF_HUB_OFFLINE": "1"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command, cwd=TRAINER, text=True, env=environment, **{**pipes, **options})


def first_event(process: subprocess.Popen[str]) -> Any:
    assert process.stdout is not None
    return events.from_json(process.stdout.readline())


@pytest.fixture(scope="module")
def ready(base: Path, adapter: Path) -> Iterator[events.Ready]:
    process = start("--model", str(base), "--adapter", f"secure={adapter}", "--threads", "1", "--max-batch", "16")
    yield first_event(process)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=20) == 0, "the server ends when its standard input closes"


@pytest.fixture(scope="module")
def post(ready: events.Ready) -> Iterator[Callable[..., httpx.Response]]:
    with httpx.Client(base_url=ready.url, timeout=60) as client:

        def send(path: str = "/completions", **body: Any) -> httpx.Response:
            return client.post(path, json={"model": ready.model, **body})

        yield send


def texts(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [choice["text"] for choice in response.json()["choices"]]


def test_the_ready_event_and_the_model_list_name_base_and_adapters(ready: events.Ready, base: Path) -> None:
    assert (ready.event, ready.model, ready.adapters, ready.context_length) == ("ready", str(base), ["secure"], 160)
    models = httpx.get(f"{ready.url}/models").json()["data"]
    assert [model["id"] for model in models] == [str(base), "secure"]
    assert httpx.get(ready.url.replace("/v1", "/health")).json()["status"] == "ok"


def test_a_completion_has_openais_shape(post: Callable[..., httpx.Response]) -> None:
    answer = post(prompt=["import os\n", "x ="], n=2, max_tokens=5, seed=1, logprobs=2).json()
    assert answer["object"] == "text_completion"
    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2, 3]
    usage = answer["usage"]
    assert usage["completion_tokens"] <= 20
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    for choice in answer["choices"]:
        assert choice["finish_reason"] in ("stop", "length")
        logprobs = choice["logprobs"]
        assert {len(logprobs[key]) for key in ("tokens", "token_logprobs", "top_logprobs", "text_offset")} == {
            len(logprobs["tokens"])
        }
    assert post(prompt="x").json()["choices"][0]["logprobs"] is None


def test_choices_are_numbered_prompt_by_prompt(post: Callable[..., httpx.Response]) -> None:
    both = texts(post(prompt=["import os\n", "x ="], n=3, max_tokens=8, seed=4))
    assert both[:3] == texts(post(prompt="import os\n", n=3, max_tokens=8, seed=4))


@pytest.fixture
def exact(base: Path, adapter: Path) -> Iterator[events.Ready]:
    """In float32 the size of a batch changes the last digits, and now and then a token of such a small model."""
    arguments = ("--model", str(base), "--adapter", f"secure={adapter}", "--threads", "1", "--max-batch", "16")
    process = start(*arguments, "--dtype", "float64")
    yield first_event(process)
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(timeout=20) == 0


def test_a_request_says_the_same_alone_and_among_others(exact: events.Ready) -> None:
    def post(**body: Any) -> httpx.Response:
        return httpx.post(f"{exact.url}/completions", json=body, timeout=60)

    def request(number: int) -> dict[str, Any]:
        return {
            "model": "secure" if number % 3 == 0 else exact.model,
            "prompt": "import os\n" * (1 + number % 5) + f"def f{number}(",
            "n": 1 + number % 4,
            "max_tokens": 10 + number,
            "temperature": (number % 3) * 0.5,
            "top_p": 0.95,
            "seed": number,
        }

    alone = [texts(post(**request(number))) for number in range(24)]
    with ThreadPoolExecutor(24) as pool:
        together = list(pool.map(lambda number: texts(post(**request(number))), range(24)))
    assert together == alone


GREEDY = {"prompt": "import subprocess\n\ndef run_3(name", "max_tokens": 12, "temperature": 0}


def test_an_adapter_answers_otherwise_than_its_base(post: Callable[..., httpx.Response]) -> None:
    assert texts(post(model="secure", **GREEDY)) != texts(post(**GREEDY))


def test_a_stop_string_is_cut_off(post: Callable[..., httpx.Response]) -> None:
    (whole,) = texts(post(**GREEDY))
    stop = whole[len(whole) // 2 :][:2]
    answer = post(**GREEDY, stop=[stop, "not in there"]).json()
    choice = answer["choices"][0]
    assert (choice["text"], choice["finish_reason"]) == (whole[: whole.index(stop)], "stop")
    assert answer["usage"]["completion_tokens"] < 12


def test_max_tokens_is_clipped_to_the_context(post: Callable[..., httpx.Response], ready: events.Ready) -> None:
    answer = post(prompt="x = 1\n" * 10, max_tokens=10_000, temperature=2.0, seed=1).json()
    assert answer["usage"]["total_tokens"] <= ready.context_length


def test_an_empty_prompt_starts_a_text(post: Callable[..., httpx.Response]) -> None:
    assert post(prompt="", max_tokens=2).status_code == 200


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        ({"prompt": "x", "model": "other"}, 404, "There is no model 'other'"),
        ({}, 400, "Prompt is missing"),
        ({"prompt": 3}, 400, "Prompt must be string or a list of strings"),
        ({"prompt": []}, 400, "at least 1"),
        ({"prompt": ["x", 3]}, 400, "Prompt[1] must be string"),
        ({"prompt": "x", "max_tokens": 0}, 400, "Max_tokens must be at least 1"),
        ({"prompt": "x", "temperature": -1}, 400, "Temperature must be at least 0"),
        ({"prompt": "x", "top_p": 0}, 400, "Top_p must be above 0"),
        ({"prompt": "x", "n": 0}, 400, "N must be at least 1"),
        ({"prompt": ["x"] * 3000, "n": 3000}, 400, "At most"),
        ({"prompt": "x", "stream": True}, 400, "Stream must be false"),
        ({"prompt": "x", "echo": True}, 400, "Echo must be false"),
        ({"prompt": "x", "frequency_penalty": 0.5}, 400, "Frequency_penalty must be at most 0"),
        ({"prompt": "x", "logit_bias": {}}, 400, "Unknown key 'logit_bias'"),
        ({"prompt": "x = 1\n" * 500}, 400, "the context is 160"),
    ],
)
def test_a_bad_request_says_which_field_and_why(
    post: Callable[..., httpx.Response], body: dict[str, Any], status: int, said: str
) -> None:
    response = post(**body)
    assert response.status_code == status
    assert said in response.json()["error"]["message"]


def test_other_refusals_have_openais_shape_too(post: Callable[..., httpx.Response], ready: events.Ready) -> None:
    chat = post("/chat/completions", messages=[{"role": "user", "content": "hi"}])
    assert (chat.status_code, chat.json()["error"]["code"]) == (400, "no-chat-template")
    assert httpx.post(f"{ready.url}/completions", content=b"{").json()["error"]["code"] == "bad-request"
    assert httpx.get(f"{ready.url}/nothing").json()["error"]["code"] == "404"
    assert httpx.get(f"{ready.url}/completions").status_code == 405


def test_a_client_that_hangs_up_frees_its_place(ready: events.Ready) -> None:
    body = {"model": ready.model, "prompt": ["x"] * 40, "n": 50, "max_tokens": 150, "temperature": 2.0}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{ready.url}/completions", json=body, timeout=0.3)
    health = ready.url.replace("/v1", "/health")
    for _ in range(200):
        load = httpx.get(health).json()
        if load["active"] == load["waiting"] == 0:
            return
        time.sleep(0.05)
    raise AssertionError(f"still busy: {load}")


def test_chat_goes_through_the_models_template(base: Path, tmp_path: Path) -> None:
    import shutil

    chatty = tmp_path / "chatty"
    shutil.copytree(base, chatty)
    template = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"
    (chatty / "chat_template.jinja").write_text(template, encoding="utf-8")
    process = start("--model", str(chatty), "--threads", "1")
    ready = first_event(process)
    body = {"model": ready.model, "max_tokens": 4, "temperature": 0}
    chat = httpx.post(f"{ready.url}/chat/completions", json={**body, "messages": [{"role": "user", "content": "hi"}]})
    plain = httpx.post(f"{ready.url}/completions", json={**body, "prompt": "user: hi\nassistant:"})
    assert chat.json()["choices"][0]["message"]["content"] == plain.json()["choices"][0]["text"]
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=20) == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--model", "BASE", "--adapter", "secure"], "bad-arguments"),
        (["--model", "BASE", "--adapter", "a=x", "--adapter", "a=y"], "bad-arguments"),
        (["--model", "BASE", "--adapter", "secure=/nowhere"], "adapter-not-found"),
        (["--model", "/nowhere"], "base-not-found"),
        (["--model", "BASE", "--port", "1", "--host", "203.0.113.7"], "port-unavailable"),
    ],
)
def test_a_server_that_cannot_start_says_why(
    base: Path, capfd: pytest.CaptureFixture[str], arguments: list[str], code: str
) -> None:
    import argparse

    from hexacoder_trainer.__main__ import _parser
    from hexacoder_trainer.serve import ServerOptions, serve

    words = [str(base) if word == "BASE" else word for word in ["serve", *arguments]]
    options: argparse.Namespace = _parser().parse_args(words)
    with pytest.raises(TrainerError) as caught:
        serve(ServerOptions.from_namespace(options), lambda _: None)
    assert caught.value.code == code


def test_a_merged_copy_equals_peft_and_shares_the_rest_with_the_base(base: Path, adapter: Path) -> None:
    from peft import PeftModel

    model = AutoModelForCausalLM.from_pretrained(base).eval()
    untouched = {name: weight.clone() for name, weight in model.state_dict().items()}
    merged = merged_copies(model, {"secure": adapter})["secure"]
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, untouched[name]), name
    assert merged.model.embed_tokens.weight.data_ptr() == model.model.embed_tokens.weight.data_ptr()
    assert merged.lm_head.weight.data_ptr() == model.lm_head.weight.data_ptr()
    assert merged.model.layers[0].mlp.up_proj.weight.data_ptr() == model.model.layers[0].mlp.up_proj.weight.data_ptr()
    tokens = torch.arange(2, 40).unsqueeze(0)
    wanted = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), str(adapter)).eval()
    with torch.no_grad():
        assert torch.allclose(merged(tokens).logits, wanted(tokens).logits, atol=1e-4)
        assert not torch.allclose(merged(tokens).logits, model(tokens).logits, atol=0.1)


def test_an_adapter_of_another_base_is_refused(base: Path, adapter: Path) -> None:
    model = AutoModelForCausalLM.from_pretrained(base)
    with torch.no_grad():
        model.model.norm.weight.mul_(2)
    with pytest.raises(TrainerError) as caught:
        merged_copies(model, {"secure": adapter})
    assert caught.value.code == "adapter-base-mismatch"
