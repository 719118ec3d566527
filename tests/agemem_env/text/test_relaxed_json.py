from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from enum import Enum
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agemem_env.text.relaxed_json import (
    MAX_DEPTH,
    MAX_VALUES,
    Decoded,
    NotPlainError,
    Plain,
    decode,
    plain,
    valid_text,
)

SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
CONTAINERS = VALUES.filter(lambda value: isinstance(value, (dict, list)))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2,]", [1, 2]),
        ('{"a": 1, }', {"a": 1}),
        ("{'a': 'b'}", {"a": "b"}),
        ("{'a': 'it\\'s \"so\"'}", {"a": 'it\'s "so"'}),
        ("{“a”: “b”}", {"a": "b"}),
        ('{"a": True, "b": False, "c": None}', {"a": True, "b": False, "c": None}),
        ('{"a": "two\nlines"}', {"a": "two\nlines"}),
        (r"['\u00e9\ud83d\ude00\x41\n\d']", ["é😀A\n\\d"]),
        (r"['\ud83d']", ["\ufffd"]),
        ("[NaN, Infinity, -Infinity, nan, -inf, 1e999]", [None] * 6),
        ("[" + "9" * 5000 + "]", [None]),
        ("[-" + "9" * 301 + "]", [None]),
    ],
)
def test_decode_mends(text: str, value: object) -> None:
    assert decode(text) == Decoded(value, len(text), True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "1",
        '"text"',
        "[",
        "{",
        '{"a": 1',
        '{"a" 1}',
        "{a: 1}",
        "[1 2]",
        "['it's']",
        '["open]',
        "[1}",
        "[yes]",
        "[1.2.3]",
        "[" * 100_000,
        "[" * 40 + "]" * 40,
        "['a'," + "[" * 50_000 + "]" * 50_001,
        "[" * 40 + "1," + "]" * 40,
    ],
)
def test_decode_does_not_guess(text: str) -> None:
    assert decode(text) is None


def test_decode_starts_and_stops_at_positions() -> None:
    text = 'a [1] {"b": "}"} [2'
    assert decode(text, 2) == Decoded([1], 5, False)
    assert decode(text, 6) == Decoded({"b": "}"}, 16, False)
    assert decode(text, 1) is None


@given(CONTAINERS)
def test_strict_json_is_read_as_it_is(value: Any) -> None:
    text = json.dumps(value)
    assert decode(text + " rest") == Decoded(value, len(text), False)


@given(CONTAINERS)
def test_python_literals_are_read_as_json(value: Any) -> None:
    copy = plain(value)
    text = repr(copy.value)
    found = decode(text)
    if "\\U" not in text:  # repr's eight digit escapes are not JSON
        assert found is not None
        assert found.value == copy.value
        assert found.end == len(text)


@given(st.text(alphabet="[]{}\"'“”,:\\ 1eE.-ntTrueNa\n\ud800"))
def test_decode_is_total(text: str) -> None:
    found = decode(text)
    if found is not None:
        json.dumps(found.value, allow_nan=False, ensure_ascii=False).encode("utf-8")
        assert 2 <= found.end <= len(text)


def test_valid_text_replaces_lone_surrogates_only() -> None:
    assert valid_text("é😀\ud800x\udfff") == "é😀\ufffdx\ufffd"


class Colour(str, Enum):
    RED = "red"


class View(Mapping[str, int]):
    def __getitem__(self, key: str) -> int:
        return 1

    def __iter__(self) -> Iterator[str]:
        return iter(["a"])

    def __len__(self) -> int:
        return 1


@pytest.mark.parametrize(
    ("value", "copy"),
    [
        ({1: 2, None: 3, False: 4, 2.5: 6}, {"1": 2, "null": 3, "false": 4, "2.5": 6}),
        ((1, (2, [3])), [1, [2, [3]]]),
        ([np.int64(3), np.float32(0.5), Fraction(1, 4)], [3, 0.5, 0.25]),
        (View(), {"a": 1}),
        ([Colour.RED, {Colour.RED: True}], ["red", {"red": True}]),
        ({"\ud800": "\udc00"}, {"\ufffd": "\ufffd"}),
        (10**300 - 1, 10**300 - 1),
    ],
)
def test_plain_copies(value: object, copy: object) -> None:
    assert plain(value) == Plain(copy, False)


@pytest.mark.parametrize(
    "number", [math.nan, math.inf, -math.inf, 10**300, -(10**5000), np.float64("nan")], ids=lambda _: "number"
)
def test_plain_drops_numbers_that_are_not_finite(number: object) -> None:
    assert plain([number]) == Plain([None], True)


def test_plain_returns_exact_builtin_types() -> None:
    value = plain([Colour.RED, np.float64(1.5), True]).value
    assert [type(item) for item in value] == [str, float, bool]


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


def test_plain_shares_nothing_with_its_argument() -> None:
    inner = [1]
    value = {"a": inner, "b": inner}
    copy = plain(value).value
    inner.append(2)
    copy["a"].append(3)
    assert copy == {"a": [1, 3], "b": [1]}


def test_plain_accepts_the_greatest_depth() -> None:
    assert plain(nested(MAX_DEPTH)).value == nested(MAX_DEPTH)


def circular() -> list[Any]:
    value: list[Any] = []
    value.append(value)
    return value


def shared_many_times() -> list[Any]:
    value: list[Any] = []
    for _ in range(MAX_DEPTH):
        value = [value, value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        b"bytes",
        {1, 2},
        object(),
        1j,
        {(1, 2): 3},
        {b"k": 1},
        nested(MAX_DEPTH + 1),
        nested(100_000),
        circular(),
        shared_many_times(),
        [0] * MAX_VALUES,
    ],
    ids=lambda value: type(value).__name__,
)
def test_plain_refuses(value: object) -> None:
    with pytest.raises(NotPlainError, match=r"of type|too deeply"):
        plain(value)
