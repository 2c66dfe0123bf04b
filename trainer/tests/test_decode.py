"""The decoding loop: the batch a sequence is in must not change what it says."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, MambaConfig, MambaForCausalLM

from hexacoder_trainer.decode import Decoder, Sampled, check_decodable
from hexacoder_trainer.errors import TrainerError
from hexacoder_trainer.model import attention_projections
from hexacoder_trainer.text import StopFinder, TextDecoder, whole_characters

from .architectures import ARCHITECTURES, other_architecture


@pytest.fixture(scope="module")
def model(base: Path) -> Any:
    return AutoModelForCausalLM.from_pretrained(base).eval()


@pytest.fixture(scope="module")
def text(tokenizer: Any) -> TextDecoder:
    return TextDecoder(tokenizer)


def sequence(text: TextDecoder, prompt: tuple[int, ...], choice: int = 0, **options: Any) -> Sampled:
    settings = {"max_tokens": 24, "temperature": 0.8, "top_p": 0.95, "seed": 5, **options}
    stops = StopFinder(text, settings.pop("stop", ()))
    return Sampled(prompt=prompt, choice=choice, stops=stops, **settings)


def finish(decoder: Decoder, waiting: list[Sampled], room: int = 99) -> list[Sampled]:
    """Decodes with continuous admission, as the engine does."""
    done: list[Sampled] = []
    waiting = list(waiting)
    while waiting or decoder.active:
        joining = [waiting.pop(0) for _ in range(min(room - decoder.active, len(waiting)))]
        done += decoder.admit(joining)
        if decoder.active:
            done += decoder.step()
    return done


def decoder_of(model: Any, text: TextDecoder, ends: frozenset[int] = frozenset({0})) -> Decoder:
    return Decoder(model, text, ends)


def some_prompts(count: int) -> list[tuple[int, ...]]:
    random_ = random.Random(count)
    return [tuple(random_.randrange(2, 300) for _ in range(random_.randrange(1, 40))) for _ in range(count)]


@pytest.mark.parametrize("room", [1, 3, 8, 99])
def test_a_sequence_says_the_same_alone_and_in_a_busy_batch(model: Any, text: TextDecoder, room: int) -> None:
    def make() -> list[Sampled]:
        return [
            sequence(text, prompt, choice=number % 3, max_tokens=5 + number * 7 % 40, temperature=(number % 4) * 0.4)
            for number, prompt in enumerate(some_prompts(16) + some_prompts(4))
        ]

    alone = make()
    for one in alone:
        finish(decoder_of(model, text), [one])
    together = make()
    finish(decoder_of(model, text), together, room)
    assert [one.tokens for one in together] == [one.tokens for one in alone]
    assert [one.text for one in together] == [one.text for one in alone]
    assert len({tuple(one.tokens) for one in alone}) > 10, "the test must not compare sameness with sameness"


@pytest.mark.parametrize("seed", range(6))
def test_long_prompts_may_join_short_ones_at_any_moment(model: Any, text: TextDecoder, seed: int) -> None:
    luck = random.Random(seed)
    plans = [
        (tuple(luck.randrange(2, 300) for _ in range(luck.choice([1, 2, 4, 30, 90]))), luck.choice([1, 3, 12, 60]))
        for _ in range(12)
    ]

    def make() -> list[Sampled]:
        return [sequence(text, prompt, at, max_tokens=count) for at, (prompt, count) in enumerate(plans)]

    alone, together = make(), make()
    for one in alone:
        finish(decoder_of(model, text), [one])
    finish(decoder_of(model, text), together, room=3)
    assert [one.tokens for one in together] == [one.tokens for one in alone]


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_greedy_decoding_equals_a_full_pass_at_every_token(name: str, text: TextDecoder) -> None:
    model = other_architecture(name)
    check_decodable(model)
    prompts = [*some_prompts(5), some_prompts(5)[2]]
    sequences = [sequence(text, prompt, temperature=0.0, max_tokens=20 + at) for at, prompt in enumerate(prompts)]
    finish(decoder_of(model, text, frozenset()), sequences, room=4)
    for one in sequences:
        whole = torch.tensor([[*one.prompt, *one.tokens]])
        with torch.no_grad():
            logits = model(whole).logits[0, len(one.prompt) - 1 : -1]
        chosen = logits.gather(1, torch.tensor(one.tokens).unsqueeze(1)).squeeze(1)
        assert torch.allclose(chosen, logits.max(dim=1).values, atol=1e-4)


def test_a_prompt_is_prefilled_once_for_all_its_samples(model: Any, text: TextDecoder) -> None:
    seen: list[tuple[int, ...]] = []
    hook = model.register_forward_pre_hook(
        lambda _module, arguments, _options: seen.append(tuple(arguments[0].shape)), with_kwargs=True
    )
    try:
        prompt = some_prompts(1)[0]
        finish(decoder_of(model, text), [sequence(text, prompt, choice, max_tokens=2) for choice in range(9)])
    finally:
        hook.remove()
    assert seen[0] == (1, len(prompt))
    assert seen[1][0] <= 9


def test_samples_of_one_prompt_differ_and_repeat_with_their_seed(model: Any, text: TextDecoder) -> None:
    prompt = some_prompts(1)[0]

    def texts(seed: int) -> list[str]:
        rows = [sequence(text, prompt, choice, seed=seed, temperature=1.0) for choice in range(6)]
        finish(decoder_of(model, text), rows)
        return [row.text for row in rows]

    assert texts(1) == texts(1) != texts(2)
    assert len(set(texts(1))) == 6


def test_an_end_token_stops_and_is_not_part_of_the_text(model: Any, text: TextDecoder) -> None:
    prompt = some_prompts(1)[0]
    free = sequence(text, prompt, temperature=0.0, max_tokens=10)
    finish(decoder_of(model, text, frozenset()), [free])
    end = free.tokens[4]
    cut = free.tokens.index(end)
    ended = sequence(text, prompt, temperature=0.0, max_tokens=10)
    finish(decoder_of(model, text, frozenset({end})), [ended])
    assert (ended.tokens, ended.finish_reason, ended.count) == (free.tokens[:cut], "stop", cut + 1)
    assert (free.finish_reason, free.count) == ("length", 10)


class Script:
    """A model that says what it is told, to test stopping without luck."""

    def __init__(self, tokens: list[int], vocabulary: int, base: Any) -> None:
        self._tokens, self._vocabulary, self._base = tokens, vocabulary, base
        self.config, self.device = base.config, base.device

    def forward(self, logits_to_keep: int = 0) -> None: ...

    def __call__(self, tokens: torch.Tensor, position_ids: torch.Tensor, **options: Any) -> Any:
        output = self._base(tokens, position_ids=position_ids, **options)
        logits = torch.full((len(tokens), 1, self._vocabulary), -100.0)
        for row in range(len(tokens)):
            logits[row, 0, self._tokens[int(position_ids[row, -1]) - 1]] = 100.0
        output.logits = logits
        return output


def spoken(model: Any, tokenizer: Any, words: str, stop: list[str], max_tokens: int = 99) -> Sampled:
    text = TextDecoder(tokenizer)
    tokens = [*tokenizer(words)["input_ids"], tokenizer.eos_token_id]
    one = sequence(text, (5, 6), temperature=0.0, max_tokens=max_tokens, stop=stop)
    finish(Decoder(Script(tokens, len(tokenizer), model), text, frozenset({tokenizer.eos_token_id})), [one])
    return one


@pytest.mark.parametrize(
    ("words", "stop", "kept"),
    [
        ("    return x\n\ndef next():\n", ["\ndef "], "    return x\n"),
        ("abc = subprocess.run(x)", ["process.r"], "abc = sub"),
        ("a\nb\nc", ["c", "\n"], "a"),
        ("x 😀 y", ["😀"], "x "),
        ("x 日本 y", ["本"], "x 日"),
        ("import os\n", ["import"], ""),
        ("nothing to stop here", ["STOP"], "nothing to stop here"),
        ("no stops at all 😀", [], "no stops at all 😀"),
    ],
)
def test_text_ends_before_the_first_stop_string(
    model: Any, tokenizer: Any, words: str, stop: list[str], kept: str
) -> None:
    one = spoken(model, tokenizer, words, stop)
    assert (one.text, one.finish_reason) == (kept, "stop")


def test_decoding_ends_at_the_token_that_completes_the_stop_string(model: Any, tokenizer: Any) -> None:
    words = "a\nb" + " more and more" * 5
    one = spoken(model, tokenizer, words, ["\n"])
    assert one.text == "a"
    assert one.count < len(tokenizer(words)["input_ids"]) / 2


@pytest.mark.parametrize("limit", range(1, 8))
def test_a_character_cut_at_the_limit_is_dropped_not_broken(model: Any, tokenizer: Any, limit: int) -> None:
    words = "é👩日x"
    one = spoken(model, tokenizer, words, [], max_tokens=limit)
    assert "\ufffd" not in one.text
    assert words.startswith(one.text)
    assert one.finish_reason == "length"


def test_the_blank_that_some_tokenizers_drop_is_kept() -> None:
    from .test_labels import byte_fallback

    tokenizer = byte_fallback()
    prompt, tokens = tokenizer("def")["input_ids"], tokenizer("def run(name)")["input_ids"]
    assert tokens[: len(prompt)] == prompt
    decoder = TextDecoder(tokenizer)
    assert decoder.completion(prompt, tokens[len(prompt) :]) == " run(name)"
    assert whole_characters("a\ufffd\ufffd") == "a"


def test_logprobs_are_of_the_models_own_distribution(model: Any, text: TextDecoder) -> None:
    prompt = some_prompts(1)[0]
    one = sequence(text, prompt, temperature=0.3, max_tokens=6, logprobs=2)
    finish(decoder_of(model, text), [one, sequence(text, some_prompts(2)[1])])
    with torch.no_grad():
        logprobs = model(torch.tensor([[*prompt, *one.tokens]])).logits[0].log_softmax(-1)
    for at, report in enumerate(one.reports[: len(one.tokens)]):
        assert report.token == one.tokens[at]
        row = logprobs[len(prompt) - 1 + at]
        assert report.logprob == pytest.approx(float(row[report.token]), abs=1e-4)
        assert [token for token, _ in report.likeliest] == row.topk(2).indices.tolist()


def test_a_cancelled_sequence_leaves_the_batch(model: Any, text: TextDecoder) -> None:
    decoder = decoder_of(model, text, frozenset())
    rows = [sequence(text, prompt, max_tokens=1000) for prompt in some_prompts(3)]
    decoder.admit(rows)
    rows[1].cancelled = True
    assert decoder.step() == [rows[1]]
    assert decoder.active == 2


def test_a_model_without_keys_and_values_is_refused() -> None:
    config = MambaConfig(vocab_size=384, hidden_size=16, num_hidden_layers=1, state_size=4)
    with pytest.raises(TrainerError) as caught:
        check_decodable(MambaForCausalLM(config))
    assert caught.value.code == "unsupported-model"


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("qwen2", ["k_proj", "o_proj", "q_proj", "v_proj"]),
        ("gpt2", ["attn.c_proj", "c_attn"]),
        ("codegen", ["out_proj", "qkv_proj"]),
        ("xglm", ["k_proj", "out_proj", "q_proj", "v_proj"]),
        ("deepseek v2", ["kv_a_proj_with_mqa", "kv_b_proj", "o_proj", "q_proj"]),
    ],
)
def test_attention_projections_are_found_in_any_architecture(name: str, wanted: list[str]) -> None:
    assert attention_projections(other_architecture(name)) == wanted
