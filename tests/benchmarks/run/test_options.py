from __future__ import annotations

import pytest

from agemem_env.errors import ConfigurationError
from benchmarks.run.options import parse_settings


@pytest.mark.parametrize("value", ["True", "None", "{", "[1,", "'x'", "NaN", "1e999", ""])
def test_values_that_are_neither_json_nor_words_are_refused(value: str) -> None:
    with pytest.raises(ConfigurationError, match="must be JSON"):
        parse_settings([f"key={value}"])


def test_values_are_json_or_words() -> None:
    pairs = ["a=1.5", "b=null", "c=[1, 3]", 'd="x y"', "e=openai:gpt-4.1", "f=false"]
    assert parse_settings(pairs) == {
        "a": 1.5, "b": None, "c": [1, 3], "d": "x y", "e": "openai:gpt-4.1", "f": False
    }  # fmt: skip
