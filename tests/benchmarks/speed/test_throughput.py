from __future__ import annotations

import re

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app
from benchmarks.speed import throughput


def test_the_figures_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "LONG_EPISODES", 1)
    command = ["throughput", "-b", "HotpotQA", "--seconds", "0", "--source", "generated"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "HotpotQA, policy expert, generated tasks, encoder hashing, token counter estimate" in result.stdout
    for figure in (r"step\(\) alone +[\d,]+", r"whole loop +[\d,]+", r"resets/s +[\d,]+"):
        assert re.search(figure, result.stdout)
    assert re.search(r"turns 1-50 and 451-500 of 500: [\d,]+ and [\d,]+", result.stdout)
    assert "measured over 1 episodes" in result.stdout


def test_long_episodes_are_as_long_as_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throughput, "LONG_EPISODES", 1)
    env = throughput.make("AgeMem-HotpotQA-v0", throughput.long_episode({"source": "generated"}))
    throughput.flatness(env)
    assert len(env.steps) == throughput.LONG_EPISODE


def test_the_profile_names_functions() -> None:
    env = throughput.make("AgeMem-HotpotQA-v0", {"source": "generated"})
    table = throughput.profile(env, "do-nothing", 0.0, top=200)
    assert "tottime" in table
    assert "env.py" in table


def test_unknown_policies_are_named() -> None:
    result = CliRunner().invoke(app, ["throughput", "--policy", "expret"])
    assert result.exit_code == 2
    assert "did you mean 'expert'?" in result.stderr
