from __future__ import annotations

import copy
import pickle
import subprocess
import sys
import types
import zlib
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from agemem_env.errors import ConfigurationError, MissingExtraError, ServiceError
from agemem_env.services.encoders import (
    CachedEncoder,
    Encoder,
    HashingEncoder,
    OpenAIEncoder,
    SentenceTransformerEncoder,
    make_encoder,
    stem,
)
from benchmarks.speed.fake_server import Fault, OpenAIServer
from tests.loopback import brief_failure
from tests.openai_server import KEY, server

__all__ = ["server"]

TEXTS = ["The mug is in cabinet 3.", "Кружка в шкафу", "杯子在柜子里", "heating the egg twice, egg by egg"]


class CountingEncoder:
    """Encodes a text as its length and remembers what it was asked."""

    name = "counting"
    dim = 2
    default_threshold = 0.5

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked.append(list(texts))
        return np.array([[1.0, 0.0] if len(t) % 2 else [0.0, 1.0] for t in texts], np.float32)


def similarity(a: str, b: str) -> float:
    left, right = HashingEncoder().encode([a, b])
    return float(left @ right)


def test_rows_have_unit_length_and_blank_ones_are_zero() -> None:
    rows = HashingEncoder().encode([*TEXTS, "", "it is the", "?!"])
    assert rows.shape == (7, 1024)
    assert rows.dtype == np.float32
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1, 1, 1, 0, 0, 0], abs=1e-6)
    assert HashingEncoder().encode([]).shape == (0, 1024)


def test_related_texts_pass_the_threshold_and_others_do_not() -> None:
    fact = "Objects are heated by using the microwave."
    threshold = HashingEncoder.default_threshold
    assert similarity(fact, "use a microwave to heat an object") > threshold
    assert similarity(fact, "Berlin is the capital of Germany.") < threshold
    assert similarity(fact, fact.upper()) == pytest.approx(1)


def test_repetition_counts_less_than_proportionally() -> None:
    assert similarity("mug key", "mug mug mug key") > similarity("mug key", "mug") > 0.5


def test_stems_meet() -> None:
    assert {stem(w) for w in ["heat", "heats", "heated", "heating", "heater"]} == {"heat"}
    assert stem("is") == "is"


@pytest.mark.parametrize("seed", ["0", "1"])
def test_values_are_the_same_in_every_process(seed: str) -> None:
    code = (
        "import zlib; from agemem_env.services.encoders import HashingEncoder;"
        f"print(zlib.crc32(HashingEncoder().encode({TEXTS!r}).tobytes()))"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert int(printed) == zlib.crc32(HashingEncoder().encode(TEXTS).tobytes())


@given(st.lists(st.text(max_size=40), max_size=4))
def test_any_text_is_encoded_alike_alone_in_a_batch_and_from_the_cache(texts: list[str]) -> None:
    encoder, cached = HashingEncoder(), make_encoder()
    rows = encoder.encode(texts)
    assert np.isfinite(rows).all()
    for row, text in zip(rows, texts, strict=True):
        assert np.array_equal(row, HashingEncoder().encode([text])[0])
    assert np.array_equal(cached.encode(texts), rows)
    assert np.array_equal(cached.encode(texts), rows)


def test_a_huge_word_stays_cheap_and_distinct() -> None:
    word = "".join(map(str, range(20_000)))
    rows = HashingEncoder().encode([word, word + "7"])
    assert 0.5 < rows[0] @ rows[1] < 0.999


def test_the_cache_asks_for_each_text_once_and_in_one_batch() -> None:
    inner = CountingEncoder()
    encoder = make_encoder(inner)
    encoder.encode(["a", "bb"])
    rows = encoder.encode(["bb", "c", "a", "dd", "c"])
    assert inner.asked == [["a", "bb"], ["c", "dd"]]
    assert rows.tolist() == [[0, 1], [1, 0], [1, 0], [0, 1], [1, 0]]
    assert encoder.encode([]).shape == (0, 2)


def test_the_cache_is_not_changed_through_what_it_returned() -> None:
    encoder = make_encoder(CountingEncoder())
    encoder.encode(["a"])[:] = 7
    assert encoder.encode(["a"]).tolist() == [[1, 0]]


def test_the_cache_forgets_what_was_used_least_recently() -> None:
    inner = CountingEncoder()
    encoder = CachedEncoder(inner, maxsize=2)
    for text in ["a", "b", "a", "c", "a", "b"]:
        encoder.encode([text])
    assert inner.asked == [["a"], ["b"], ["c"], ["b"]]


@pytest.mark.parametrize("spec", ["hashing", "openai:some-model"])
def test_encoders_can_be_copied_and_pickled(spec: str, server: OpenAIServer) -> None:
    encoder = make_encoder(spec)
    rows = encoder.encode(TEXTS)
    for twin in (copy.deepcopy(encoder), pickle.loads(pickle.dumps(encoder))):
        assert twin.name == encoder.name == spec
        assert np.array_equal(twin.encode(TEXTS), rows)


def test_names_and_objects_are_accepted() -> None:
    encoder: Encoder = CountingEncoder()
    cached = make_encoder(encoder)
    assert make_encoder(cached) is cached
    assert (cached.name, cached.dim, cached.default_threshold) == ("counting", 2, 0.5)
    assert make_encoder("hashing").default_threshold == 0.15


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("hashng", "did you mean 'hashing'"),
        ("openai:", "names no model; write 'openai:<model>'"),
        ("openai", "names no model"),
        ("hashing:1", "unknown encoder"),
        (3, "method `encode`, but got 3"),
        (None, "method `encode`"),
    ],
)
def test_bad_names_are_configuration_errors(spec: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        make_encoder(spec)


def test_openai_rows_follow_the_order_of_the_texts(server: OpenAIServer) -> None:
    encoder = OpenAIEncoder("small", attempts=1)
    rows = encoder.encode(["a", "", "b"])
    assert rows.shape == (3, 8)
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 0, 1], abs=1e-6)
    assert np.allclose(rows[2], encoder.encode(["b"])[0])
    assert server.requests[0]["input"] == ["a", "b"]
    assert server.requests[0]["model"] == "small"


def test_openai_dim_is_learnt_from_the_first_reply(server: OpenAIServer) -> None:
    encoder = make_encoder("openai:small")
    assert not server.requests
    assert encoder.encode([" "]).shape == (1, 8)
    assert encoder.dim == 8
    assert len(server.requests) == 1


def test_openai_texts_go_in_batches_and_only_once(server: OpenAIServer) -> None:
    encoder = make_encoder("openai:small")
    texts = [f"text {i}" for i in range(300)]
    rows = encoder.encode(texts)
    assert [len(r["input"]) for r in server.requests] == [256, 44]
    assert np.array_equal(encoder.encode(texts[::-1]), rows[::-1])
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (
            brief_failure(401, f"Incorrect API key provided: {KEY}"),
            r"refused the key \(401\); check OPENAI_API_KEY",
        ),
        (brief_failure(403, f"{KEY} may not"), r"refused the key \(403\)"),
        (brief_failure(404, "no such model"), "check the model name 'small' and OPENAI_BASE_URL.*no such model"),
        (brief_failure(429, f"{KEY} has no quota"), "check the quota"),
        (brief_failure(400, "too long"), "check that the model 'small' accepts this request.*too long"),
        (brief_failure(500, f"oops {KEY}"), "the server failed"),
        (Fault("<html>hello</html>", content_type="text/html"), "not that of an OpenAI-compatible service"),
        (Fault('{"data": ['), "not that of an OpenAI-compatible service"),
        (Fault("{}"), "not that of an OpenAI-compatible service"),
        (Fault('{"object": "list", "data": []}'), "sent 1 texts but got 0 embeddings"),
    ],
)
def test_openai_failures_say_what_to_check_without_the_key(reply: Fault, message: str, server: OpenAIServer) -> None:
    server.script = [reply]
    encoder = OpenAIEncoder("small", attempts=1)
    with pytest.raises(ServiceError, match=message) as caught:
        encoder.encode(["a"])
    assert KEY not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_a_failed_text_is_not_cached_and_a_short_failure_is_retried(server: OpenAIServer) -> None:
    server.script = [brief_failure(500, "busy"), brief_failure(500, "busy")]
    assert make_encoder("openai:small").encode(["a"]).any()
    assert len(server.requests) == 3


def test_openai_without_a_server_or_a_key(monkeypatch: pytest.MonkeyPatch, server: OpenAIServer) -> None:
    with pytest.raises(ServiceError, match="cannot connect; check OPENAI_BASE_URL"):
        OpenAIEncoder("small", base_url="http://127.0.0.1:9/v1", attempts=1).encode(["a"])
    monkeypatch.delenv("OPENAI_API_KEY")
    encoder = make_encoder("openai:small")
    with pytest.raises(ServiceError, match="encoder 'openai:small' needs a key: set OPENAI_API_KEY"):
        encoder.encode(["a"])


def test_an_encoder_with_options_can_be_copied_and_pickled(server: OpenAIServer) -> None:
    encoder = OpenAIEncoder("small", extra_body={"dimensions": 8}, attempts=1)
    for twin in (encoder, copy.deepcopy(encoder), pickle.loads(pickle.dumps(encoder))):
        assert twin.encode(["a"]).any()
    assert [request["dimensions"] for request in server.requests] == [8, 8, 8]


def test_rows_of_another_length_are_refused(server: OpenAIServer) -> None:
    encoder = OpenAIEncoder("small", attempts=1)
    encoder.encode(["a"])
    server.say(Fault('{"data": [{"index": 0, "embedding": [1, 0]}]}'))
    with pytest.raises(ServiceError, match="rows of 2 numbers after rows of 8"):
        encoder.encode(["b"])


class FakeSentenceTransformer:
    def __init__(self, path: str) -> None:
        if path == "missing":
            raise OSError("no such folder")

    def encode(self, texts: list[str], show_progress_bar: bool) -> NDArray[np.float64]:
        return np.array([[len(text), 1.0, 2.0] for text in texts])


def test_a_local_model(monkeypatch: pytest.MonkeyPatch) -> None:
    module = types.ModuleType("sentence_transformers")
    module.__dict__["SentenceTransformer"] = FakeSentenceTransformer
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    encoder = make_encoder("sentence-transformers:some/model")
    assert (encoder.name, encoder.dim, encoder.default_threshold) == (
        "sentence-transformers:some/model",
        3,
        0.4,
    )
    rows = encoder.encode(["ab", ""])
    assert rows[0] == pytest.approx([2 / 3, 1 / 3, 2 / 3])
    assert not rows[1].any()
    assert np.array_equal(pickle.loads(pickle.dumps(encoder)).encode(["ab", ""]), rows)
    with pytest.raises(ServiceError, match="'sentence-transformers:missing' cannot be loaded"):
        make_encoder("sentence-transformers:missing")


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    with pytest.raises(MissingExtraError, match=r"agemem-env\[local\]"):
        SentenceTransformerEncoder("some/model")
