"""What the page on language models says is what the code does."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from agemem_env.services.openai import client
from agemem_env.services.openai.options import OpenAIOptions
from baselines.llm.local import LocalOptions
from baselines.llm.models import MODELS
from baselines.llm.policy import FORMATS

PAGE = (Path(__file__).parents[3] / "docs" / "models.md").read_text(encoding="utf-8")


def rows(text: str) -> list[str]:
    table = text.partition("| what happens | again | in the end |\n")[2].partition("\n\n")[0]
    return table.strip().splitlines()[1:]


def test_the_table_of_failures_is_that_of_the_client() -> None:
    assert rows(PAGE) == rows(client.__doc__ or "")
    assert len(rows(PAGE)) > 10


def test_every_option_kind_and_format_is_named() -> None:
    named = set(re.findall(r"`([\w:]+)", PAGE))
    for options in (OpenAIOptions, LocalOptions):
        assert {field.name for field in fields(options)} <= named
    assert {*FORMATS, *MODELS} <= named


def test_defaults_are_those_of_the_code() -> None:
    options = OpenAIOptions()
    for name in ("max_tokens", "concurrency"):
        assert f"| `{name}` | {getattr(options, name)} |" in PAGE
    times = f"| `timeout`, `call_seconds` | {options.timeout:g}, {options.call_seconds:g} |"
    tries = (
        f"| `attempts`, `first_wait`, `retry_seed` | {options.attempts}, {options.first_wait}, {options.retry_seed} |"
    )
    assert times in PAGE
    assert tries in PAGE
