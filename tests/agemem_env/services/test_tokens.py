from __future__ import annotations

import copy
import pickle
import sys
import time
import types
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agemem_env.errors import ConfigurationError, MissingExtraError, ServiceError
from agemem_env.services.tokens import (
    _ASCII_PIECE,
    _PIECE,
    EstimateCounter,
    TiktokenCounter,
    TransformersCounter,
    make_token_counter,
)

ESTIMATE = EstimateCounter()


class WordCounter:
    """One token per word; remembers what it was asked."""

    name = "words"
    exact = True

    def __init__(self) -> None:
        self.asked: list[str] = []

    def count(self, text: str) -> int:
        self.asked.append(text)
        return len(text.split())

    def truncate(self, text: str, max_tokens: int) -> str:
        return " ".join(text.split()[:max_tokens])


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", 0),
        (" ", 0),
        ("\n", 1),
        ("mug", 1),
        (" the mug", 2),
        ("cabinet 3", 3),  # a space before a number is a token of its own
        ("1234567", 3),
        ("camelCaseName", 3),  # 1 + 2 * 0.7
        ("Donaudampfschifffahrt", 3),  # 1 + 12 * 0.13
        ("((((((((((", 4),
        ("杯子在柜子", 4),
        ("🎉🎉", 2),
    ],
)
def test_estimate_by_hand(text: str, tokens: int) -> None:
    assert ESTIMATE.count(text) == tokens


TEXT = st.text(max_size=60) | st.text(alphabet=" aB1.é\n_杯", max_size=60)


@given(TEXT, st.integers(-1, 30))
def test_truncation_is_the_longest_prefix_that_fits(text: str, budget: int) -> None:
    prefix = ESTIMATE.truncate(text, budget)
    assert text.startswith(prefix)
    assert ESTIMATE.count(prefix) <= max(budget, 0)
    borders = [piece.end() for piece in _PIECE.finditer(text)]
    assert prefix == text or ESTIMATE.count(text[: min(b for b in borders if b > len(prefix))]) > budget


@given(st.text(st.characters(max_codepoint=127)))
def test_ascii_text_has_the_same_pieces_in_the_short_pattern(text: str) -> None:
    assert _ASCII_PIECE.findall(text) == _PIECE.findall(text)


@given(TEXT)
def test_the_pieces_make_up_the_text(text: str) -> None:
    assert "".join(_PIECE.findall(text)) == text


@given(TEXT, TEXT)
def test_more_text_never_costs_less(a: str, b: str) -> None:
    assert ESTIMATE.count(a) <= ESTIMATE.count(a + b)


@pytest.mark.parametrize("garbage", ["x", " ", "\x0b", ".", "e\u0301", "\n ", "_ ", "1", "🎉", "aB"])
def test_garbage_takes_linear_time_and_can_be_cut(garbage: str) -> None:
    text = garbage * 50_000
    start = time.process_time()
    count = ESTIMATE.count(text)
    prefix = ESTIMATE.truncate(text, 200)
    assert time.process_time() - start < 2
    assert count > 200
    assert ESTIMATE.count(prefix) > 180


def test_counts_are_cached() -> None:
    words = WordCounter()
    counter = make_token_counter(words)
    assert [counter.count("a b"), counter.count("a b"), counter.count("c")] == [2, 2, 1]
    assert words.asked == ["a b", "c"]
    assert counter.truncate("a b", 2) == "a b"
    assert counter.truncate("a b", 1) == "a"
    assert (counter.name, counter.exact) == ("words", True)
    assert make_token_counter(counter) is counter


def test_the_default_is_named_an_estimate_and_can_be_copied() -> None:
    counter = make_token_counter()
    assert (counter.name, counter.exact) == ("estimate", False)
    for twin in (copy.deepcopy(counter), pickle.loads(pickle.dumps(counter))):
        assert twin.count("cabinet 3") == 3


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("estimat", "did you mean 'estimate'"),
        ("tiktoken:", "names no model"),
        (7, "method `count`, but got 7"),
    ],
)
def test_bad_names_are_configuration_errors(spec: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        make_token_counter(spec)


class FakeEncoding:
    def encode_ordinary(self, text: str) -> list[str]:
        return text.split()


@pytest.fixture
def tiktoken(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    def encoding_name_for_model(model: str) -> str:
        return {"gpt": "words"}[model]

    def get_encoding(name: str) -> FakeEncoding:
        if name == "absent":
            raise ConnectionError("no route")
        return FakeEncoding()

    module = types.ModuleType("tiktoken")
    module.__dict__.update(
        list_encoding_names=lambda: ["words", "absent"],
        encoding_name_for_model=encoding_name_for_model,
        get_encoding=get_encoding,
    )
    monkeypatch.setitem(sys.modules, "tiktoken", module)
    return module


@pytest.mark.usefixtures("tiktoken")
def test_tiktoken_by_encoding_or_model() -> None:
    for spec in ("tiktoken:words", "tiktoken:gpt"):
        counter = make_token_counter(spec)
        assert (counter.name, counter.exact, counter.count("a b c")) == (spec, True, 3)
        assert counter.truncate("aa bb cc dd", 2) == "aa bb"
        assert counter.truncate("aa bb", 0) == ""


@pytest.mark.usefixtures("tiktoken")
def test_tiktoken_offline_names_the_cache_folder() -> None:
    with pytest.raises(ServiceError, match="set TIKTOKEN_CACHE_DIR"):
        TiktokenCounter("absent")


@pytest.mark.usefixtures("tiktoken")
def test_tiktoken_with_an_unknown_name() -> None:
    with pytest.raises(ConfigurationError, match="unknown tiktoken encoding or model 'word'; did you mean 'words'"):
        TiktokenCounter("word")


class FakeTokenizer:
    def encode(self, text: str, add_special_tokens: bool) -> list[str]:
        return ["<s>"] * add_special_tokens + text.split()

    @classmethod
    def from_pretrained(cls, model: str) -> Any:
        if model == "missing":
            raise OSError("not found")
        return cls()


def test_transformers(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("transformers")
    module.__dict__["AutoTokenizer"] = FakeTokenizer
    monkeypatch.setitem(sys.modules, "transformers", module)
    counter = make_token_counter("transformers:some/model")
    assert (counter.exact, counter.count("a b c"), counter.truncate("aa bb cc", 1)) == (True, 3, "aa")
    with pytest.raises(ServiceError, match="tokenizer 'missing' cannot be loaded"):
        TransformersCounter("missing")


@pytest.mark.parametrize(
    ("module", "spec", "extra"),
    [("tiktoken", "tiktoken:o200k_base", "tiktoken"), ("transformers", "transformers:x", "local")],
)
def test_without_the_package_the_extra_is_named(
    module: str, spec: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=rf"agemem-env\[{extra}\]"):
        make_token_counter(spec)
