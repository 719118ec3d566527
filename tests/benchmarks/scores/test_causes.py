from __future__ import annotations

from typing import Any

import pytest

from benchmarks.scores.causes import cause, failures
from tests.benchmarks.results.made_up import make_crash, make_row

LOST = {"success": False, "metrics": {"J": 0.5, "SR": 0.0}}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({}, None),
        ({"success": False, "metrics": {"J": 1.0}}, None),
        ({**LOST, "terminated": False}, "turn limit"),
        ({**LOST, "tool_calls": {"answer": 1}}, "wrong answer"),
        ({**LOST, "metrics": {"J": None, "SR": 0.0}, "benchmark": "BabyAI", "tool_calls": {"answer": 1}},
         "answered, not solved"),
        ({**LOST, "benchmark": "BabyAI", "tool_calls": {"act": 3}}, "ended by the task"),
        ({**LOST, "metrics": {"J": None}}, "not scored"),
    ],
)  # fmt: skip
def test_causes(changes: dict[str, Any], why: str | None) -> None:
    assert cause(make_row(0, **changes)) == why


def test_failures_begin_with_crashes_then_come_by_number() -> None:
    late = [make_row(seed, **LOST, terminated=False) for seed in (1, 2)]
    rows = [make_row(0), make_row(3, **LOST, tool_calls={"answer": 1}), *late, make_crash(4)]
    found = [(failure.cause, [row.seed for row in failure.rows]) for failure in failures(rows)]
    assert found == [("crashed: ValueError", [4]), ("turn limit", [1, 2]), ("wrong answer", [3])]
    assert failures([make_row(0)]) == []
