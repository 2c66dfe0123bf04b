"""The parts of the protocol that Node relies on: events, run file, schema, exit status."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hexacoder_trainer import events
from hexacoder_trainer.config import read_run_file, run_schema
from hexacoder_trainer.errors import EXIT_STATUS, TrainerError
from hexacoder_trainer.strict import StrictError

TRAINER = Path(__file__).parent.parent
FIXTURE = TRAINER.parent / "test" / "fixtures" / "trainer-events.jsonl"


def test_the_shared_fixture_holds_every_event_exactly_as_it_is_written() -> None:
    lines = FIXTURE.read_text(encoding="utf-8").splitlines()
    for line in lines:
        assert events.to_json(events.from_json(line)) == line
    assert {json.loads(line)["event"] for line in lines} == set(events.EVENTS)


@pytest.mark.parametrize("change", [{"extra": 1}, {"step": "60"}, {"step": None}, {"event": "other"}])
def test_an_event_that_drifted_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(StrictError):
        events.from_json(json.dumps({"event": "eval", "step": 60, "loss": 1.5, "best": True, **change}))


def test_the_schema_on_disk_is_the_one_that_the_code_checks() -> None:
    written = json.loads((TRAINER / "schema" / "run.schema.json").read_text(encoding="utf-8"))
    assert written == run_schema(), "run: python -m hexacoder_trainer schema > schema/run.schema.json"


def test_a_run_file_is_read_with_paths_from_its_own_folder(run_file: Callable[..., Path], tmp_path: Path) -> None:
    config = read_run_file(run_file())
    assert config.data.train == str(tmp_path / "train.jsonl")
    assert config.out == str(tmp_path / "adapter")
    assert (config.micro_rows(1), config.learning_rate) == (4, 0.01)


LORA = {"rank": 4, "alpha": 8, "dropout": 0.1, "targetModules": None, "bias": "none"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"learningrate": 1}, "unknown key 'learningrate'"),
        ({"version": 2}, "version must be 1"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"seed": 1.5}, "seed must be integer"),
        ({"seed": True}, "seed must be integer"),
        ({"epochs": 0}, "epochs must be above 0"),
        ({"batchSize": 0}, "batchSize must be at least 1"),
        ({"learningRate": "5e-4"}, "learningRate must be number"),
        ({"schedule": "linear"}, 'schedule must be "cosine" or "constant"'),
        ({"lora": {**LORA, "rank": 0}}, "lora.rank must be at least 1"),
        ({"lora": {**LORA, "dropout": 1}}, "lora.dropout must be below 1"),
        ({"lora": {**LORA, "targetModules": []}}, "lora.targetModules must have at least 1"),
        ({"lora": {**LORA, "targetModules": [1]}}, "lora.targetModules[0] must be string"),
        ({"lora": {**LORA, "r": 1}}, "unknown key 'r' in lora"),
        ({"data": {"train": "a"}}, "data.eval is missing"),
        ({"data": {"train": "", "eval": None}}, "data.train must not be empty"),
        ({"data": {"train": "t", "eval": None}}, "keepBest needs data.eval"),
        ({"evalEverySteps": 5}, "exactly one of evalEverySteps and evalPerEpoch"),
        ({"evalPerEpoch": None}, "exactly one of evalEverySteps and evalPerEpoch"),
        ({"gradClip": 0}, "gradClip must be above 0"),
    ],
)
def test_a_wrong_run_file_says_which_key_and_why(
    run_file: Callable[..., Path], change: dict[str, Any], said: str
) -> None:
    with pytest.raises(TrainerError) as caught:
        read_run_file(run_file(**change))
    assert caught.value.code == "bad-run-file"
    assert said in caught.value.message


@pytest.mark.parametrize("content", [b"{", b"[]", b"\xff{}", b'{"version": NaN}', b""])
def test_a_file_that_is_no_run_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "run.json"
    path.write_bytes(content)
    with pytest.raises(TrainerError) as caught:
        read_run_file(path)
    assert caught.value.code == "bad-run-file"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], "bad-arguments"),
        (["train"], "bad-arguments"),
        (["train", "no-such-file.json"], "bad-run-file"),
        (["serve", "--model", "x", "--port", "many"], "bad-arguments"),
    ],
)
def test_wrong_arguments_are_one_event_and_an_honest_exit_status(arguments: list[str], code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hexacoder_trainer", *arguments],
        capture_output=True,
        text=True,
        cwd=TRAINER,
        check=False,
    )
    (line,) = done.stdout.splitlines()
    failed = events.from_json(line)
    assert (failed.code, done.returncode) == (code, EXIT_STATUS[code])
    assert failed.remedy
    assert "Traceback" not in done.stderr


def test_whatever_prints_to_standard_output_lands_on_standard_error() -> None:
    program = (
        "import os, sys\n"
        "from hexacoder_trainer import events\n"
        "writer = events.EventWriter.on_stdout()\n"
        "print('chatter'); sys.stdout.flush(); os.system('echo child'); os.write(1, b'raw\\n')\n"
        "writer.emit(events.Saved(step=1, path='é😀'))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=TRAINER, check=True)
    assert [events.from_json(line) for line in done.stdout.splitlines()] == [events.Saved(step=1, path="é😀")]
    assert set(done.stderr.split()) == {"chatter", "child", "raw"}


def test_a_reader_that_went_away_ends_the_run() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with pytest.raises(TrainerError) as caught:
        events.EventWriter(writing).emit(events.Saved(step=1, path="x"))
    os.close(writing)
    assert caught.value.code == "interrupted"
