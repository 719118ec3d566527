"""Shells complete names from the tables that the commands use."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app, completion


def names(found: completion.Completions) -> list[str]:
    return [name for name, _ in found]


def test_names_that_begin_like_this() -> None:
    assert names(completion.benchmarks("h")) == ["HotpotQA"]
    assert names(completion.policies("expert"))[:2] == ["expert", "expert-no-memory"]
    assert names(completion.policies("openai")) == ["openai:"]
    assert names(completion.memories("mem0")) == ["mem0", "mem0g"]
    assert names(completion.kinds("re")) == ["rewards"]
    assert names(completion.memories("x")) == []


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("agemem bench -b Hot", "HotpotQA"),
        ("agemem bench --policy do-", "do-nothing"),
        ("agemem throughput -p do-", "do-nothing"),
        ("agemem bench -m lang", "langmem"),
        ("agemem chat -b Sci", "SciWorld"),
        ("agemem check BabyA", "BabyAI"),
        ("agemem list too", "tools"),
    ],
)
def test_a_shell_completes(line: str, completed: str) -> None:
    words = line.split()
    env = {"_AGEMEM_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1)}
    result = CliRunner().invoke(app, prog_name="agemem", env=env)
    assert result.stdout.split() == [completed]
