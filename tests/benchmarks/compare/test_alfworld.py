"""The comparison with TextWorld's engine finds what is wrong, and says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from agemem_env.engines.alfworld.making.export import write_games
from agemem_env.engines.alfworld.rules.simulator import Simulator
from benchmarks.cli import app
from benchmarks.compare.alfworld import ALFWorldComparison, compare, lines

pytest.importorskip("textworld", reason="the extra alfworld is not installed")

STEPS = 8


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def play(folder: Path) -> ALFWorldComparison:
    return compare(list(write_games(1, "train", 0, folder)), STEPS, np.random.default_rng(0))


def test_equal_engines_are_found_equal(tmp_path: Path) -> None:
    result = play(tmp_path)
    assert (result.games, result.steps, result.solved, result.differences) == (1, STEPS, 1, [])
    report = list(lines(result))
    assert report[0] == f"1 games, {STEPS} commands, 0 differences"
    assert [line.split("  ")[0] for line in report[3:]] == [
        "load, first time",
        "load, kept",
        "reset",
        "step with commands",
    ]


RIGHT = {name: getattr(Simulator, name) for name in ("load", "admissible")}


@pytest.mark.parametrize(
    ("name", "wrong", "word"),
    [
        ("step", lambda self, command: "Something happens.", "text: 'Something happens.' here"),
        ("load", lambda self, game: RIGHT["load"](self, game) + " ", "start, text: "),
        ("admissible", lambda self: RIGHT["admissible"](self)[::-1], "start, commands: ['look', "),
        ("won", property(lambda self: True), "won: True here, False in TextWorld"),
    ],
)
def test_every_kind_of_difference_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, wrong: Any, word: str
) -> None:
    monkeypatch.setattr(Simulator, name, wrong)
    assert any(word in line for line in play(tmp_path).differences)


def test_the_command_fails_on_differences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.compare.alfworld.TASK_TYPES", ("pick_and_place_simple",))
    arguments = ["compare", "alfworld", "--steps", "5", "--games", "1", "--split", "train", "--no-official"]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    monkeypatch.setattr(Simulator, "step", lambda self, command: "Something happens.")
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 1
    assert "'Something happens.' here" in result.output


def test_unknown_comparisons() -> None:
    result = CliRunner().invoke(app, ["compare", "alfword"])
    assert result.exit_code == 2
    assert "no such command 'alfword'" in result.output
