"""Which tokens are learned. Every error here would move the loss without a sound."""

from __future__ import annotations

import json
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

from hexacoder_trainer.chat import in_chat
from hexacoder_trainer.errors import TrainerError
from hexacoder_trainer.labels import Labelled, Labeller
from hexacoder_trainer.rows import Change, Example, read_examples, to_code_points, utf16_length

from .miniature import CORPUS, make_tokenizer

HARD = "x = '😀 日本' # e\u0301 👩‍👩‍👧 naïve\n\tok  = 1\n"


def byte_level(**options: Any) -> PreTrainedTokenizerFast:
    tokenizer = make_tokenizer(vocab_size=options.pop("vocab_size", 384))
    backend = tokenizer.backend_tokenizer
    if "trim" in options:
        backend.post_processor = processors.ByteLevel(trim_offsets=options["trim"])
    if "normalizer" in options:
        backend.normalizer = options["normalizer"]
    return tokenizer


def byte_fallback() -> PreTrainedTokenizerFast:
    backend = Tokenizer(models.BPE(byte_fallback=True, unk_token="<unk>", fuse_unk=True))
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()])
    special = ["<unk>", "<eos>", *(f"<0x{byte:02X}>" for byte in range(256))]
    backend.train_from_iterator(
        CORPUS[:3], trainers.BpeTrainer(vocab_size=420, special_tokens=special, show_progress=False)
    )
    return PreTrainedTokenizerFast(tokenizer_object=backend, eos_token="<eos>", unk_token="<unk>")


TOKENIZERS = {
    "byte-level": byte_level(),
    "bytes only": byte_level(vocab_size=258),
    "trimmed offsets": byte_level(trim=True),
    "NFC": byte_level(normalizer=normalizers.NFC(), vocab_size=270),
    "byte fallback": byte_fallback(),
}


def label(tokenizer: Any, text: str, spans: list[tuple[int, int]], **options: Any) -> Labelled:
    labeller = Labeller(tokenizer, options.get("max_length", 10_000), options.get("loss", "masked"))
    (row,) = labeller.label([Example("a", text, spans)])
    return row


def true_spans(tokenizer: Any, text: str) -> list[tuple[int, int]]:
    """Characters that each token has bytes of, from the tokens' bytes alone: no offsets involved."""
    starts = [0, *accumulate(len(char.encode()) for char in text)]
    owner = [index for index, char in enumerate(text) for _ in char.encode()]
    tokens = tokenizer.convert_ids_to_tokens(tokenizer(text)["input_ids"])
    at, spans = 0, []
    for token in tokens:
        spans.append((owner[at], owner[at + len(token) - 1] + 1))
        at += len(token)
    assert at == starts[-1]
    return spans


def expected(spans: list[tuple[int, int]], changed: list[tuple[int, int]]) -> list[bool]:
    overlap = [any(start < end_ and start_ < end for start_, end_ in changed) for start, end in spans]
    return [False, *overlap[1:]]


text_strategy = st.text(
    alphabet=st.one_of(st.sampled_from("ab =\n\t('😀日é"), st.characters(exclude_categories=("Cs",))),
    min_size=1,
    max_size=40,
)


@st.composite
def changed_text(draw: st.DrawFn) -> tuple[str, list[tuple[int, int]]]:
    text = draw(text_strategy)
    ends = st.integers(min_value=0, max_value=len(text))
    pairs = draw(st.lists(st.tuples(ends, ends), min_size=1, max_size=3))
    changes = [Change(start=min(pair), end=max(pair)) for pair in pairs]
    return text, [(c.start, c.end) for c in changes if c.start < c.end]


@pytest.mark.parametrize("name", ["byte-level", "bytes only", "trimmed offsets"])
@settings(max_examples=150, deadline=None)
@given(example=changed_text())
def test_learned_tokens_are_those_with_a_byte_of_a_changed_character(
    name: str, example: tuple[str, list[tuple[int, int]]]
) -> None:
    text, changed = example
    row = label(TOKENIZERS[name], text, sorted(changed))
    wanted = expected(true_spans(TOKENIZERS[name], text), changed)
    assert row.learned.tolist()[: len(wanted)] == wanted


@pytest.mark.parametrize("name", TOKENIZERS)
@settings(max_examples=80, deadline=None)
@given(example=changed_text())
def test_every_changed_character_is_learned_and_no_token_wholly_outside(
    name: str, example: tuple[str, list[tuple[int, int]]]
) -> None:
    text, changed = example
    from hexacoder_trainer.labels import cover, overlapping

    offsets = TOKENIZERS[name](text, return_offsets_mapping=True)["offset_mapping"]
    covered = cover(text, offsets)
    learned = [span for span, on in zip(covered, overlapping(covered, changed, len(text)), strict=True) if on]
    characters = {at for start, end in learned for at in range(start, end)}
    assert {at for start, end in changed for at in range(start, end)} <= characters
    assert all(any(start < stop and begin < end for begin, stop in changed) for start, end in learned)


@pytest.mark.parametrize("name", TOKENIZERS)
@pytest.mark.parametrize("part", ["😀", " ", "日", "\u0301", "e", "👧", "\t", "ï", "  =", "1"])
def test_a_single_changed_piece_is_learned_by_the_tokens_that_hold_it(name: str, part: str) -> None:
    at = HARD.rindex(part)
    row = label(TOKENIZERS[name], HARD, [(at, at + len(part))])
    learned = row.tokens[row.learned].tolist()
    text = TOKENIZERS[name].decode(learned)
    assert learned
    if name in ("byte-level", "bytes only", "trimmed offsets"):
        assert part in text


def test_offsets_in_utf16_meet_offsets_in_code_points() -> None:
    text = "😀a😀b"
    unit = {index: len(text[:index].encode("utf-16-le")) // 2 for index in range(len(text) + 1)}
    for start in range(len(text)):
        for end in range(start + 1, len(text) + 1):
            assert to_code_points(text, [Change(unit[start], unit[end])]) == [(start, end)]
    assert to_code_points(text, [Change(1, 2)]) == [(0, 1)], "half a pair widens to the character"
    assert to_code_points(text, [Change(3, 3)]) == []


@settings(max_examples=200, deadline=None)
@given(text=text_strategy, data=st.data())
def test_conversion_agrees_with_slicing_in_utf16(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    prefix, piece = (len(part.encode("utf-16-le")) // 2 for part in (text[:start], text[start:end]))
    assert to_code_points(text, [Change(prefix, prefix + piece)]) == [(start, end)]
    assert utf16_length(text) == len(text.encode("utf-16-le")) // 2


def test_touching_and_unordered_changes_become_one_span() -> None:
    changes = [Change(4, 6), Change(0, 2), Change(2, 3), Change(5, 9), Change(7, 7)]
    assert to_code_points("0123456789", changes) == [(0, 3), (4, 9)]


def test_end_of_text_is_learned_only_when_the_last_change_reaches_it(tokenizer: Any) -> None:
    text = "x = 1\ny = 2\n"
    touching = label(tokenizer, text, [(6, len(text))])
    assert touching.tokens[-1] == tokenizer.eos_token_id
    assert touching.learned[-1]
    assert tokenizer.eos_token_id not in label(tokenizer, text, [(6, len(text) - 1)]).tokens
    full = label(tokenizer, text, [], loss="unmasked")
    assert full.tokens[-1] == tokenizer.eos_token_id
    assert full.learned[1:].all()


def test_the_tokenizers_own_special_tokens_are_never_learned(tokenizer: Any) -> None:
    closing = make_tokenizer()
    closing.backend_tokenizer.post_processor = processors.TemplateProcessing(
        single="<pad> $A <eos>", special_tokens=[("<pad>", 1), ("<eos>", 0)]
    )
    row = label(closing, "x = 1\n", [(0, 6)])
    assert row.tokens[0] == closing.pad_token_id
    assert row.learned.tolist() == [False] + [True] * (len(row.tokens) - 1)
    assert row.tokens.tolist().count(closing.eos_token_id) == 1


def test_rows_without_a_learning_token_are_counted_not_kept(tokenizer: Any) -> None:
    rows = [
        Example("unchanged", "x = 1\n", []),
        Example("first token only", "x = 1\n", [(0, 1)]),
        Example("far", "x = 1\n" * 50 + "y", [(300, 301)]),
        Example("good", "x = 1\n", [(4, 5)]),
    ]
    result = Labeller(tokenizer, 32, "masked").label_all(rows)
    assert [row.id for row in result.rows] == ["good"]
    assert (result.total, result.no_changes, result.beyond_max_length) == (4, 2, 1)
    assert result.left_out_ids == ["unchanged", "first token only", "far"]


def test_a_tokenizer_without_offsets_is_refused() -> None:
    class Slow:
        is_fast = False

    with pytest.raises(TrainerError) as caught:
        list(Labeller(Slow(), 10, "masked").label([Example("a", "x", [(0, 1)])]))
    assert caught.value.code == "tokenizer-without-offsets"


GOOD = {"id": "a", "text": "x😀", "changes": [{"start": 1, "end": 3}], "language": "python", "source": {}, "more": 1}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ("3", "must be an object"),
        (json.dumps({**GOOD, "text": 3}), "text must be string"),
        (json.dumps({"id": "a", "text": "x"}), "changes is missing"),
        (json.dumps({**GOOD, "changes": [{"start": 0}]}), "changes[0].end is missing"),
        (json.dumps({**GOOD, "changes": [{"start": 2, "end": 1}]}), "does not lie in"),
        (json.dumps({**GOOD, "changes": [{"start": 0, "end": 4}]}), "3 UTF-16 code units"),
        (json.dumps({**GOOD, "changes": [{"start": -1, "end": 1}]}), "at least 0"),
    ],
)
def test_a_bad_line_is_refused_with_its_number(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(GOOD) + "\n\n" + line + "\n", encoding="utf-8")
    with pytest.raises(TrainerError) as caught:
        list(read_examples(path))
    assert caught.value.code == "bad-data"
    assert "line 3" in caught.value.message
    assert said in caught.value.message


def test_lines_from_javascript_are_read_whatever_their_escapes(tmp_path: Path, tokenizer: Any) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(
        r'{"id":"pair","text":"\ud83d\ude00x","changes":[{"start":0,"end":2}]}' + "\n"
        r'{"id":"half","text":"\ud83dx","changes":[{"start":1,"end":2}]}' + "\r\n",
        encoding="utf-8",
    )
    pair, half = read_examples(path)
    assert (pair.text, pair.spans) == ("😀x", [(0, 1)])
    assert (half.text, half.spans) == ("\ufffdx", [(1, 2)])
    assert Labeller(tokenizer, 99, "masked").label_all([pair, half]).total == 2


CHATML = (
    "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] | trim }}<|im_end|>\n"
    "{% endfor %}"
)


def chat_row(loss: str, **example: Any) -> tuple[str, str, list[int]]:
    """The conversation as text, what is learned of it as text, and its tokens."""
    tokenizer = make_tokenizer()
    tokenizer.chat_template = CHATML
    row = Example("a", **{"text": "import os\nx = 1\n", "spans": [(10, 15)], "language": "python", **example})
    (labelled,) = Labeller(tokenizer, 200, loss, twins=True).label(in_chat([row], tokenizer, "Write {language}."))
    tokens = labelled.tokens.tolist()
    learned = [token for token, is_learned in zip(tokens, labelled.learned, strict=True) if is_learned]
    return tokenizer.decode(tokens), tokenizer.decode(learned), tokens


def test_a_chat_example_learns_the_change_inside_the_answer() -> None:
    text, learned, _ = chat_row("masked")
    assert text == (
        "<|im_start|>user\nWrite python.<|im_end|>\n<|im_start|>assistant\n"
        "```python\nimport os\nx = 1\n\n```<|im_end|>\n"
    )
    assert learned.strip() == "x = 1"


def test_an_unmasked_chat_example_learns_the_answer_and_its_end_but_not_the_request() -> None:
    _, learned, tokens = chat_row("unmasked", prompt="Something else.")
    assert learned == "```python\nimport os\nx = 1\n\n```<|im_end|>\n"
    assert tokens[-1] != make_tokenizer().eos_token_id


def test_the_vulnerable_side_of_a_chat_example_is_a_conversation_too() -> None:
    tokenizer = make_tokenizer()
    tokenizer.chat_template = CHATML
    row = Example("a", "x = 1\n", [(0, 5)], vulnerable=Example("a", "eval(x)\n", [(0, 4)]), language="python")
    (labelled,) = Labeller(tokenizer, 200, "masked", twins=True).label(in_chat([row], tokenizer, "Write."))
    assert labelled.twin is not None
    avoided = labelled.twin.tokens[labelled.twin.avoided].tolist()
    assert tokenizer.decode(avoided).startswith("eval")
    assert "assistant" in tokenizer.decode(labelled.twin.tokens.tolist())


@pytest.mark.parametrize("template", [None, "{{ messages[0]['content'] }}", "{{ raise_exception('no') }}"])
def test_a_template_that_cannot_hold_the_answer_is_refused(template: str | None) -> None:
    tokenizer = make_tokenizer()
    tokenizer.chat_template = template
    with pytest.raises(TrainerError) as caught:
        list(in_chat([Example("a", "x", [(0, 1)])], tokenizer, "Write."))
    assert caught.value.code == "unsupported-model"
