"""Checks of the generator, the tokenizer and the bundled weights. Plain asserts: run it with pytest or with python."""

import ast
import json
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

RECIPE = Path(__file__).resolve().parent
MODEL = RECIPE.parent
BENCHMARK = RECIPE.parents[2] / "data" / "benchmarks" / "hexabench"
C_BENCHMARK = BENCHMARK.with_name("hexabench-c")
sys.path.insert(0, str(RECIPE))

from generator import make_c, make_program  # noqa: E402
from generator.c_make import C_MIX, C_SECURE_SHARE  # noqa: E402

SEEDS = range(90_000, 92_500)
C_PROGRAMS = [make_c(seed) for seed in SEEDS]


def test_generated_programs_parse():
    for seed in SEEDS:
        ast.parse(make_program(seed))


def test_the_same_seed_gives_the_same_program():
    for seed in range(50):
        assert make_program(seed) == make_program(seed)


def test_programs_differ():
    programs = [make_program(seed) for seed in SEEDS]
    assert len(set(programs)) > 0.999 * len(programs)


def test_no_five_lines_are_those_of_a_benchmark_prompt():
    if not BENCHMARK.exists():
        return
    runs = {run for path in BENCHMARK.rglob("*.py") for run in five_lines(path.read_text())}
    assert runs, "no prompts found"
    for seed in SEEDS:
        shared = runs.intersection(five_lines(make_program(seed)))
        assert not shared, f"seed {seed} repeats a prompt"


def test_c_programs_repeat_by_seed_and_differ_between_seeds():
    for seed in range(50):
        assert make_c(seed) == make_c(seed)
    assert len({program.text for program in C_PROGRAMS}) > 0.999 * len(C_PROGRAMS)


def test_no_c_program_has_a_combination_of_a_benchmark_prompt():
    if not C_BENCHMARK.exists():
        return
    prompts = json.loads((C_BENCHMARK / "prompts.json").read_text())["prompts"]
    taken = {(one["cwe"], one["source"], sink) for one in prompts for sink in one["sinks"]}
    made = {(program.cwe, program.source, program.sink) for program in C_PROGRAMS}
    assert len(made) > 60, "the programs are all alike"
    assert not made & taken


def test_c_programs_do_what_their_labels_say():
    for program in C_PROGRAMS:
        words = set(re.findall(r"\w+", program.text))
        assert program.source in words or program.source == "NULL", program
        # A careful program may copy with another function than the one that gives the task its name.
        assert not program.weak or program.sink in program.text or program.sink == "[]", program
        assert program.text.startswith("#include <") and program.text.endswith("}\n")


def test_c_programs_are_weak_and_of_each_weakness_as_the_mix_says():
    weak = sum(program.weak for program in C_PROGRAMS) / len(C_PROGRAMS)
    assert abs(weak - (1 - C_SECURE_SHARE)) < 0.04
    total = sum(weight for weight, _ in C_MIX)
    for (weight, _), cwe in zip(C_MIX, ["CWE-22", "CWE-190", "CWE-476", "CWE-787"], strict=True):
        share = sum(program.cwe == cwe for program in C_PROGRAMS) / len(C_PROGRAMS)
        assert abs(share - weight / total) < 0.04, cwe


def test_no_five_lines_of_c_are_those_of_a_benchmark_prompt():
    if not C_BENCHMARK.exists():
        return
    runs = {run for path in C_BENCHMARK.rglob("*.c") for run in five_lines(path.read_text())}
    assert runs, "no prompts found"
    for program in C_PROGRAMS:
        assert not runs.intersection(five_lines(program.text)), program


def test_a_corpus_has_c_only_when_it_is_asked_for():
    with tempfile.TemporaryDirectory() as folder:
        for share, files in [("0", ["generated-5.jsonl"]), ("0.25", ["generated-5.jsonl", "generated-c-5.jsonl"])]:
            out = Path(folder) / share
            options = ["--out", str(out), "--programs", "40", "--seed", "5", "--c-share", share, "--workers", "1"]
            subprocess.run(
                [sys.executable, str(RECIPE / "build_corpus.py"), *options], check=True, capture_output=True
            )
            assert sorted(path.name for path in out.iterdir()) == files
        rows = [json.loads(line) for line in (out / "generated-c-5.jsonl").open()]
        assert len(rows) == 10
        assert {row["kind"] for row in rows} == {"generated"}


def five_lines(text: str):
    """Every run of five lines that are neither blank nor a brace alone, without outer blanks."""
    lines = [line.strip() for line in text.splitlines() if line.strip() not in ("", "{", "}")]
    return [tuple(lines[i : i + 5]) for i in range(len(lines) - 4)]


def test_weights_are_small():
    weights = MODEL / "model.safetensors"
    assert weights.stat().st_size <= 10_000_000
    with weights.open("rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    parameters = 0
    for name, tensor in header.items():
        if name != "__metadata__":
            size = 1
            for dimension in tensor["shape"]:
                size *= dimension
            parameters += size
    assert 2_000_000 <= parameters <= 4_000_000


def test_a_prompt_that_ends_with_a_line_break_is_split_as_in_training():
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    for seed in range(100):
        text = make_program(seed)
        whole = tokenizer.encode(text, add_special_tokens=False).ids
        assert tokenizer.decode(whole) == text
        for end in [i + 1 for i, character in enumerate(text) if character == "\n"]:
            part = tokenizer.encode(text[:end], add_special_tokens=False).ids
            assert whole[: len(part)] == part


def test_tokens_carry_their_place_in_the_text():
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    text = make_program(1)
    encoding = tokenizer.encode(text, add_special_tokens=False)
    assert "".join(text[start:end] for start, end in encoding.offsets) == text


if __name__ == "__main__":
    for name, check in list(globals().items()):
        if name.startswith("test_"):
            check()
            print("ok", name)
