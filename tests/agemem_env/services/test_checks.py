"""Options of models and services are checked when they are given, in one line, whatever their type."""

from __future__ import annotations

from typing import Any

import pytest

from agemem_env.errors import ConfigurationError
from agemem_env.services.openai.options import OpenAIOptions
from baselines.llm.local import LocalOptions

NAN = float("nan")
WRONG: list[tuple[str, Any]] = [
    *(("temperature", value) for value in (NAN, float("inf"), -1, "hot", True, [1])),
    *(("top_p", value) for value in (NAN, 0, 1.5, "a")),
    *(("seed", value) for value in (1.5, "a", True)),
    *(("stop", value) for value in (5, [5], [["a"]], {"a": 1})),
    *(("max_tokens", value) for value in (0, -1, 1.5, "a", True, NAN)),
    *(("extra_body", value) for value in (5, [1], "a", None)),
    *(("attempts", value) for value in (0, 1.5, "a")),
    *((name, value) for name in ("timeout", "call_seconds", "first_wait") for value in (0, -1, NAN, "a", None)),
    ("retry_seed", "x"),
    ("concurrency", 0),
    ("base_url", 5),
    ("key_variable", 5),
]


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_wrong_values_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{name}=.* is not allowed; it must be ") as caught:
        OpenAIOptions(**{name: value})
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("temperature", NAN), ("top_p", 2), ("stop", 5), ("max_tokens", 0), ("seed", -1), ("template", [1])],
)
def test_wrong_values_of_local_models_are_refused(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{name}=.* is not allowed"):
        LocalOptions(**{name: value})


def test_one_text_ends_a_reply() -> None:
    assert OpenAIOptions(stop="END").sampling["stop"] == ["END"]
    assert OpenAIOptions(stop=["a", "b"]).sampling["stop"] == ["a", "b"]
    assert "stop" not in OpenAIOptions().sampling
    assert LocalOptions(stop="END").stop == ("END",)
