from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from scipy import stats

from benchmarks.results.row import EpisodeRow
from benchmarks.scores.comparison import compare, permutation_p
from benchmarks.scores.measures import score
from tests.benchmarks.results.made_up import make_crash, make_row


def rows(values: list[float | None], **changes: Any) -> list[EpisodeRow]:
    return [make_row(seed, metrics={"J": value, "SR": value}, **changes) for seed, value in enumerate(values)]


def test_a_difference_by_hand() -> None:
    found = compare(rows([1.0, 0.5, 0.25, 0.0]), rows([0.5, 0.5, 0.5, 0.0]), score)
    assert found.difference is not None
    assert found.difference.mean == pytest.approx(0.0625)
    assert (found.better, found.equal, found.worse, found.tasks, found.left_out) == (1, 2, 1, 4, 0)
    # Of the signs of 0.5 and -0.25 all four choices; |sum| >= 0.25 in every one of them.
    assert found.p == 1.0


def test_p_is_that_of_all_signs() -> None:
    differences = [0.3, 0.1, -0.2, 0.4, 0.25]
    signed = [sum(s * d for s, d in zip(signs, differences, strict=True)) for signs in product((1, -1), repeat=5)]
    as_large = sum(s >= sum(differences) - 1e-12 for s in signed) / len(signed)
    assert permutation_p([differences]) == pytest.approx(2 * as_large)


def test_p_of_many_tasks_is_close_to_that_of_a_t_test() -> None:
    differences = [0.4, -0.3, 0.2, 0.1, -0.1, 0.35, 0.05, -0.2, 0.3, 0.15] * 4
    assert permutation_p([differences]) == pytest.approx(stats.ttest_1samp(differences, 0).pvalue, abs=0.005)
    assert permutation_p([differences]) == permutation_p([differences])


def test_every_benchmark_counts_the_same() -> None:
    many = rows([1.0] * 9) + rows([0.0], benchmark="BabyAI")
    none = rows([0.0] * 9) + rows([0.0], benchmark="BabyAI")
    found = compare(many, none, score)
    assert found.difference is not None
    assert (found.difference.mean, found.difference.n) == (0.5, 10)


@pytest.mark.parametrize(
    ("first", "second", "mean", "p", "counts"),
    [
        ([1.0], [0.0], 1.0, 1.0, (1, 0, 0)),
        ([0.0] * 5, [0.0] * 5, 0.0, 1.0, (0, 5, 0)),
        ([1.0] * 6, [0.0] * 6, 1.0, 2 / 64, (6, 0, 0)),
        ([0.5] * 4, [0.5] * 4, 0.0, 1.0, (0, 4, 0)),
    ],
    ids=["one task", "all failed", "none failed", "ties"],
)
def test_edges(first: list[Any], second: list[Any], mean: float, p: float, counts: tuple[int, int, int]) -> None:
    found = compare(rows(first), rows(second), score)
    assert found.difference is not None
    assert (found.difference.mean, found.p) == (mean, pytest.approx(p))
    assert (found.better, found.equal, found.worse) == counts
    assert found.difference.method == "none", "equal differences say nothing of their spread"


def test_what_only_one_of_them_has_is_counted_and_left_out() -> None:
    found = compare(rows([1.0, None, 1.0]), [*rows([0.0, 0.0]), make_crash(2), make_row(7)], score)
    assert (found.tasks, found.left_out) == (1, 3)
    nothing = compare(rows([1.0]), [make_crash(0)], score)
    assert (nothing.difference, nothing.p, nothing.tasks) == (None, None, 0)


def test_seeds_of_one_task_are_averaged() -> None:
    first = rows([1.0, 0.0, 1.0], task_id="same")
    found = compare(first, rows([0.0, 0.0, 0.0], task_id="same"), score)
    assert found.difference is not None
    assert (found.difference.mean, found.difference.n, found.better) == (pytest.approx(2 / 3), 1, 1)
