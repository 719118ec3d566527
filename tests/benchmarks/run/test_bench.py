from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import baselines
from baselines.base import Info, Observation, Policy
from tests.benchmarks.command import agemem, rows_of

QUICK = ("bench", "-b", "HotpotQA", "--source", "generated", "--seeds", "2")


class Breaking(Policy):
    """Raises in the second turn if its seed is odd; else replies politely or answers."""

    name = "breaking"

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def act(self, observation: Observation, info: Info) -> Any:
        if self._seed % 2 and observation["round"] == 1:
            raise RuntimeError("broken on purpose")
        return "<answer>x</answer>" if observation["stage"] == 3 else "Noted."


class Interrupting(Breaking):
    """Is interrupted by the user at seed 1."""

    def act(self, observation: Observation, info: Info) -> Any:
        if self._seed == 1:
            raise KeyboardInterrupt
        return super().act(observation, info)


@pytest.fixture
def _breaking(monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {
        "breaking": lambda seed: Breaking(seed),
        "interrupting": lambda seed: Interrupting(seed),
    }
    monkeypatch.setattr(baselines, "POLICIES", {**baselines.POLICIES, **extra})


@pytest.mark.usefixtures("_breaking")
def test_crashes_show_in_table_and_exit_code(tmp_path: Path) -> None:
    result = agemem(*QUICK, "-p", "breaking", "--output", tmp_path / "run", "--format", "json")
    assert result.exit_code == 1
    (summary,) = json.loads(result.stdout)
    assert (summary["episodes"], summary["failed"]) == (1, 1)
    assert "crashed episodes: 1" in result.stderr


@pytest.mark.usefixtures("_breaking")
def test_resume_plays_what_is_missing_and_what_crashed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run"
    command = (*QUICK, "-p", "breaking", "-p", "do-nothing", "--output", path)
    assert agemem(*command).exit_code == 1
    mended = {**baselines.POLICIES, "breaking": lambda seed: Breaking(0)}
    monkeypatch.setattr(baselines, "POLICIES", mended)
    result = agemem(*command, "--resume", "--seeds", "3")
    assert result.exit_code == 0, result.output
    played = [(row.policy, row.seed) for row in rows_of(path)[4:]]
    assert played == [("breaking", 1), ("breaking", 2), ("do-nothing", 2)]


@pytest.mark.usefixtures("_breaking")
def test_an_interrupted_run_keeps_whole_rows(tmp_path: Path) -> None:
    path = tmp_path / "run"
    result = agemem(*QUICK, "-p", "interrupting", "--output", path)
    assert result.exit_code == 130
    assert f"--resume --output {path}" in result.stderr
    assert [row.seed for row in rows_of(path)] == [0]


def test_an_existing_file_is_refused_and_overwritten_on_request(tmp_path: Path) -> None:
    command = (*QUICK, "-p", "do-nothing", "--output", tmp_path / "run")
    assert [agemem(*command).exit_code, agemem(*command).exit_code] == [0, 2]
    assert agemem(*command, "--overwrite", "--seeds", "1").exit_code == 0
    assert len(rows_of(tmp_path / "run")) == 1
