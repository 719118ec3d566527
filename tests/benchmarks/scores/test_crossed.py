"""Means over seeds and tasks."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.scores.crossed import crossed


@pytest.mark.parametrize("scores", [[[0.0, 0.0, 0.0], [0.0, 0.0, 0.0]], [[0.0, 0.0, 0.0]]])
def test_differences_that_are_all_equal_have_no_interval(scores: Any) -> None:
    found = crossed(scores, rates=False)
    assert (found.mean, found.low, found.high, found.method) == (0.0, None, None, "none"), "not certainly 0"


def test_scores_that_are_all_equal_have_wilsons_interval_as_rates_and_else_none() -> None:
    assert crossed([[1.0, 1.0], [1.0, 1.0]]).method == "wilson"
    assert crossed([[0.5, 0.5], [0.5, 0.5]]).low is None


def test_one_task_and_several_seeds_have_an_interval() -> None:
    found = crossed([[0.25], [0.75]], rates=False)
    assert (found.low, found.high) == (0.25, 0.75)
