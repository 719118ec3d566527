"""Two players on the same tasks: the difference, its interval, and how likely so much is by chance."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.results.row import EpisodeRow
from benchmarks.scores.intervals import Estimate, average

Value = Callable[[EpisodeRow], "float | None"]
"""What is compared: a figure of an episode; None if it was not scored."""

PERMUTATIONS = 9999
"""Permutations of a test; up to 13 tasks all of them are tried."""


@dataclass(frozen=True)
class Comparison:
    """What one player has more than another on the same tasks.

    Attributes:
        difference: Mean difference with its 95 % interval; None if they share no task.
        p: How often a difference at least as large comes about if it does not matter who is who (two-sided
            permutation test); None without a difference.
        better: Tasks on which the first has more.
        equal: Tasks on which both have the same.
        worse: Tasks on which the first has less.
        left_out: Scored episodes of either that the other lacks: not played, crashed, or not scored.
    """

    difference: Estimate | None
    p: float | None
    better: int
    equal: int
    worse: int
    left_out: int

    @property
    def tasks(self) -> int:
        """Tasks that both have played."""
        return self.better + self.equal + self.worse


def compare(first: Iterable[EpisodeRow], second: Iterable[EpisodeRow], value: Value) -> Comparison:
    """Compare two players, benchmark by benchmark and task by task.

    Two episodes are paired if benchmark, task and seed are equal. Several seeds of a task are averaged, since tasks
    are what is drawn; every benchmark counts the same.

    Args:
        first: Rows of the one.
        second: Rows of the other.
        value: What is compared.
    """
    ones, others = _scored(first, value), _scored(second, value)
    paired: dict[tuple[str, str], list[float]] = {}
    for key in ones.keys() & others.keys():
        paired.setdefault(key[:2], []).append(ones[key] - others[key])
    tasks = {task: math.fsum(found) / len(found) for task, found in sorted(paired.items())}
    groups: dict[str, list[float]] = {}
    for (benchmark, _), found in tasks.items():
        groups.setdefault(benchmark, []).append(found)
    differences = list(tasks.values())
    return Comparison(
        difference=average(list(groups.values()), rates=False),
        p=permutation_p(list(groups.values())) if groups else None,
        better=sum(d > 0 for d in differences),
        equal=sum(d == 0 for d in differences),
        worse=sum(d < 0 for d in differences),
        left_out=len(ones.keys() ^ others.keys()),
    )


def permutation_p(groups: Sequence[Sequence[float]]) -> float:
    """Return the two-sided p of paired differences: the signs of those that are not 0 are drawn anew.

    The statistic is the mean of the means of groups.

    >>> permutation_p([[1.0, 1.0, 1.0]]), permutation_p([[0.5]]), permutation_p([[0.0, 0.0]])
    (0.25, 1.0, 1.0)
    """
    from scipy.stats import permutation_test

    total = sum(map(len, groups))
    weighted = [d * total / (len(groups) * len(group)) for group in groups for d in group if d]
    if len(weighted) < 2:
        return 1.0  # with either sign it is as large
    found = permutation_test(
        (np.asarray(weighted),),
        lambda values, axis: np.mean(values, axis=axis),
        permutation_type="samples",
        vectorized=True,
        n_resamples=PERMUTATIONS,
        batch=1024,  # more at once takes longer
        rng=np.random.Generator(np.random.PCG64(0)),
    )
    return float(found.pvalue)


def _scored(rows: Iterable[EpisodeRow], value: Value) -> Mapping[tuple[str, str, int], float]:
    scored = ((row, value(row)) for row in rows if row.error is None and row.task_id is not None)
    return {(row.benchmark, str(row.task_id), row.seed): found for row, found in scored if found is not None}
