from __future__ import annotations

import pytest
from typer.testing import CliRunner

from agemem_env.engines import ENGINES
from benchmarks.cli import app
from benchmarks.compare.commands import COMPARISONS


def test_comparisons_are_those_of_benchmarks() -> None:
    assert set(COMPARISONS) <= set(ENGINES)


@pytest.mark.parametrize("name", ["ALFWorld", "alfworld", "SCIWORLD"])
def test_a_benchmark_may_be_written_in_any_case(name: str) -> None:
    result = CliRunner().invoke(app, ["compare", name, "--help"])
    assert result.exit_code == 0
    assert "--steps" in result.output or "--episodes" in result.output


def test_an_unknown_benchmark() -> None:
    result = CliRunner().invoke(app, ["compare", "alfword"])
    assert result.exit_code == 2
    assert "no such command 'alfword'" in result.output
