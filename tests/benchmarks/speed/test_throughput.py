from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app
from benchmarks.speed import growth, throughput
from benchmarks.speed.stopwatch import make


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure small episodes, contexts and memories."""
    for name, value in {"LONG_EPISODES": 1, "CONTEXT": 6000, "ENTRIES": (2, 50), "SEARCHES": 3}.items():
        monkeypatch.setattr(growth, name, value)


@pytest.mark.usefixtures("quick")
def test_the_figures_are_printed() -> None:
    command = ["throughput", "-b", "HotpotQA", "--seconds", "0", "--source", "generated"]
    result = CliRunner(env={"COLUMNS": "120"}).invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "HotpotQA, policy expert, generated tasks, encoder hashing, token counter estimate" in result.stdout
    for figure in (r"step\(\) alone +[\d,]+", r"whole loop +[\d,]+", r"resets/s +[\d,]+", r"do-nothing +[\d,]+"):
        assert re.search(figure, result.stdout)
    assert re.search(r"first and last 100 of 1000 turns: [\d,]+ and [\d,]+, ratio \d+\.\d\d", result.stdout)
    assert re.search(r"first 100 turns with a full context: [\d,]+, \d+\.\d\d times the first", result.stdout)
    assert re.search(r"at the start and at 6,000 tokens: [\d,]+ and [\d,]+, ratio", result.stdout)
    assert re.search(r"with 2 and 50 entries in memory: [\d,]+ and [\d,]+, ratio", result.stdout)
    assert "measured over 1 episodes" in result.stdout
    assert re.search(r"a search in 50 entries takes \d+\.\d ms, with a metadata filter \d+\.\d ms", result.stdout)
    assert re.search(r"HotpotQA( +[\d,.]+){10}", result.stdout)


@pytest.mark.usefixtures("quick")
def test_long_episodes_are_as_long_as_said_and_fill_the_context() -> None:
    env = make("AgeMem-HotpotQA-v0", growth.long_episode({"source": "generated"}))
    assert growth.flatness(env).full is not None
    assert len(env.steps) == growth.LONG_EPISODE


@pytest.mark.usefixtures("quick")
def test_a_context_that_never_fills_is_no_figure() -> None:
    env = make("AgeMem-HotpotQA-v0", growth.long_episode({"source": "generated", "max_tokens": 10**6}))
    assert growth.flatness(env).full is None


def test_the_profile_names_functions() -> None:
    env = make("AgeMem-HotpotQA-v0", {"source": "generated"})
    table = throughput.profile(env, "do-nothing", 0.0, top=200)
    assert "tottime" in table
    assert "env.py" in table


def test_unknown_policies_are_named() -> None:
    result = CliRunner().invoke(app, ["throughput", "--policy", "expret"])
    assert result.exit_code == 2
    assert "did you mean 'expert'?" in result.stderr
