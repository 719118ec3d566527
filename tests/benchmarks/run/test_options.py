from __future__ import annotations

import pytest

from agemem_env.errors import ConfigurationError
from benchmarks.run.options import parse_settings


@pytest.mark.parametrize(
    "value",
    [
        "True",
        "None",
        "{",
        "[1,",
        "'x'",
        "NaN",
        "nan",
        "1e999",
        "",
        "1.2.3",
        '"x',
        "{'a': 1}",
        "[" * 9000,
        "-Infinity",
        "01",
    ],
)
def test_what_looks_like_broken_json_is_refused_in_one_line(value: str) -> None:
    with pytest.raises(ConfigurationError, match="must be JSON") as caught:
        parse_settings([f"key={value}"])
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "text",
    [
        "./my.pddl",
        "../x/y",
        "/tmp/a b.pddl",
        "~/x",
        "Zürich",
        "C:\\x",
        "a=b",
        "-x",
        "3d.pddl",
        "東京",
        "openai:gpt-4.1",
        "nano",
    ],
)
def test_what_is_no_json_is_a_text(text: str) -> None:
    assert parse_settings([f"key={text}"]) == {"key": text}


def test_values_are_json() -> None:
    pairs = ["a=1.5", "b=null", "c=[1, 3]", 'd="x y"', "f=false", 'g="1"', "h= 2 "]
    assert parse_settings(pairs) == {"a": 1.5, "b": None, "c": [1, 3], "d": "x y", "f": False, "g": "1", "h": 2}
