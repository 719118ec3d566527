"""Memory necessity: by hand, and on HotpotQA."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from benchmarks.cli import app
from benchmarks.necessity import Necessity, Side, measure


@pytest.mark.parametrize(
    ("informed", "uninformed", "saved", "more", "holds"),
    [
        (Side(1.0, 7.0), Side(1.0, 10.0), 0.3, 0.0, True),
        (Side(1.0, 8.0), Side(1.0, 10.0), 0.2, 0.0, False),
        (Side(0.9, 10.0), Side(0.5, 10.0), 0.0, 0.4, True),
        (Side(0.9, 12.0), Side(0.8, 10.0), -0.2, 0.1, False),
    ],
)
def test_the_criterion(informed: Side, uninformed: Side, saved: float, more: float, holds: bool) -> None:
    measured = Necessity("x", 10, informed, uninformed)
    assert measured.steps_saved == pytest.approx(saved)
    assert measured.solved_more == pytest.approx(more)
    assert measured.holds is holds


def test_turns_of_stage_3_are_counted() -> None:
    measured = measure("HotpotQA", 5, {"source": "generated"})
    # The expert filters and looks up in one turn and answers in the next; without memory it answers at once.
    assert measured == Necessity("HotpotQA", 5, Side(1.0, 2.0), Side(0.0, 1.0))


def test_the_command_prints_a_line_per_benchmark() -> None:
    result = CliRunner().invoke(app, ["necessity", "-b", "HotpotQA", "--tasks", "3", "--source", "generated"])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[3].split() == ["HotpotQA", "3", "100%", "0%", "2.0", "1.0", "-100%", "yes"]


def test_an_unknown_benchmark_is_one_line() -> None:
    result = CliRunner().invoke(app, ["necessity", "-b", "HotpotA"])
    assert result.exit_code == 2
    assert result.stderr.startswith("error: unknown benchmark 'HotpotA'; did you mean 'HotpotQA'?")


def test_the_environment_can_be_varied() -> None:
    command = ["necessity", "-b", "PDDL", "--tasks", "2", "--source", "generated", "--env"]
    result = CliRunner().invoke(app, [*command, "domain=gripper"])
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[3].split()[:2] == ["PDDL", "2"]
    result = CliRunner().invoke(app, [*command, "domain=griper"])
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
