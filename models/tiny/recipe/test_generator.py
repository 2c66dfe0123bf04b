"""Checks of the generator, the tokenizer and the bundled weights. Plain asserts: run it with pytest or with python."""

import ast
import json
import struct
import sys
from pathlib import Path

RECIPE = Path(__file__).resolve().parent
MODEL = RECIPE.parent
BENCHMARK = RECIPE.parents[2] / "data" / "benchmarks" / "hexabench"
sys.path.insert(0, str(RECIPE))

from generator import make_program  # noqa: E402

SEEDS = range(90_000, 92_500)


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


def five_lines(text: str):
    """Every run of five lines that are not blank, without outer blanks."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
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
