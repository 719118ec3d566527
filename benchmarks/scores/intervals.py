"""Means with 95 % intervals; episodes count as independent draws, since each seed draws its task anew."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

Z = 1.959963984540054
"""0.975 quantile of the standard normal distribution."""

RESAMPLES = 2000
"""Resamples of a bootstrap."""

_BATCH = 2_000_000
"""Values that a bootstrap draws at once, at most."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Estimate:
    """A mean, or another statistic, and its 95 % interval.

    Attributes:
        mean: Mean of the values, or the statistic.
        low: Lower end; None if there is too little to say.
        high: Upper end; None if there is too little to say.
        n: Number of values.
        method: ``wilson``, ``bootstrap``, ``stratified bootstrap``, or ``none`` without an interval.
    """

    mean: float
    low: float | None
    high: float | None
    n: int
    method: str


def mean(values: Iterable[float | None]) -> float | None:
    """Return the mean of what was scored, or None if nothing was.

    >>> mean([1.0, None, 0.0]), mean([None])
    (0.5, None)
    """
    scored = [v for v in values if v is not None]
    return math.fsum(scored) / len(scored) if scored else None


def wilson(successes: float, n: int) -> tuple[float, float]:
    """Return Wilson's score interval of a rate.

    >>> [round(x, 4) for x in wilson(8, 10)]
    [0.4902, 0.9433]
    """
    from scipy.stats import binomtest

    interval = binomtest(round(successes), n).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def bootstrap(values: Sequence[float]) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a mean; equal values give an equal interval.

    >>> bootstrap([0.0, 0.5])
    (0.0, 0.5)
    """
    return _percentiles([values], lambda means, pooled: means[0])


def estimate(values: Iterable[float | None]) -> Estimate | None:
    """Return the mean of what was scored with its interval; None if nothing was scored.

    Values that are all 0 or 1 get Wilson's interval, others a bootstrap. One value alone that is neither 0
    nor 1 has no interval.
    """
    scored = [v for v in values if v is not None]
    if not scored:
        return None
    n, average = len(scored), math.fsum(scored) / len(scored)
    if set(scored) <= {0, 1}:
        return Estimate(average, *wilson(math.fsum(scored), n), n, "wilson")
    return _bootstrapped(average, scored)


def average(groups: Sequence[Iterable[float | None]], *, rates: bool = True) -> Estimate | None:
    """Return the mean of the means of groups, with an interval from resampling within each group.

    A group stands for a benchmark: each counts the same, however many episodes it has.

    Args:
        groups: Values by group; None is not scored.
        rates: Whether 0 and 1 mean no and yes, so that one group alone has its `estimate`, and groups that are all
            0 or all 1, of which resampling says nothing, have their Wilson intervals combined. Otherwise values that
            are all equal have no interval.

    Returns:
        None if a group has no score.

    >>> average([[1.0, 0.0], [0.5]])
    Estimate(mean=0.5, low=0.25, high=0.75, n=3, method='stratified bootstrap')
    """
    scored = _scored(groups)
    if not scored or not all(scored):
        return None
    means = [math.fsum(group) / len(group) for group in scored]
    if len(scored) == 1:
        return estimate(scored[0]) if rates else if_spread(_bootstrapped(means[0], scored[0]))
    if rates and all(set(group) in ({0}, {1}) for group in scored):
        return _combined(scored, means)
    found = _stratified(math.fsum(means) / len(means), scored, lambda means, pooled: np.mean(means, axis=0))
    return found if rates else if_spread(found)


def interquartile_mean(groups: Sequence[Iterable[float | None]]) -> Estimate | None:
    """Return the mean of the middle half of all values, with an interval from resampling within each group.

    Of n values the n/4, rounded down, at either end are left out.

    Args:
        groups: Values by group; None is not scored.

    Returns:
        None if nothing was scored.

    >>> interquartile_mean([[0.0, 0.5, 0.5, 1.0]]).mean
    0.5
    """
    from scipy.stats import trim_mean

    scored = [group for group in _scored(groups) if group]
    values = [value for group in scored for value in group]
    if not values:
        return None
    middle = float(trim_mean(values, 0.25))
    if len(values) == 1:
        return Estimate(middle, None, None, 1, "none")
    found = _stratified(middle, scored, lambda means, pooled: trim_mean(pooled, 0.25, axis=-1))
    return if_spread(found if len(scored) > 1 else replace(found, method="bootstrap"))


def if_spread(found: Estimate) -> Estimate:
    """Return an estimate without its interval if that is a point: resampling equal values says nothing."""
    return replace(found, low=None, high=None, method="none") if found.low == found.high else found


def _combined(groups: Sequence[Sequence[float]], means: Sequence[float]) -> Estimate:
    """Return the mean of rates, its ends as far away as the root of the squares of theirs (the method MOVER)."""
    ends = [wilson(math.fsum(group), len(group)) for group in groups]
    middle = math.fsum(means) / len(means)
    below = math.hypot(*(rate - low for rate, (low, _) in zip(means, ends, strict=True))) / len(means)
    above = math.hypot(*(high - rate for rate, (_, high) in zip(means, ends, strict=True))) / len(means)
    return Estimate(middle, middle - below, middle + above, sum(map(len, groups)), "wilson")


def _bootstrapped(average: float, scored: Sequence[float]) -> Estimate:
    if len(scored) == 1:
        return Estimate(average, None, None, 1, "none")
    return Estimate(average, *bootstrap(scored), len(scored), "bootstrap")


def _scored(groups: Sequence[Iterable[float | None]]) -> list[list[float]]:
    return [[value for value in group if value is not None] for group in groups]


Statistic = Callable[[list[Floats], Floats], Any]
"""Takes the means of each group, and all values side by side, of many resamples; returns one figure for each."""


def _stratified(value: float, groups: Sequence[Sequence[float]], statistic: Statistic) -> Estimate:
    return Estimate(value, *_percentiles(groups, statistic), sum(map(len, groups)), "stratified bootstrap")


def _percentiles(groups: Sequence[Sequence[float]], statistic: Statistic) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a statistic; groups are resampled each for itself."""
    from scipy.stats import bootstrap as resample

    drawn = [list(group) for group in groups if len(group) > 1]
    fixed = [group[0] for group in groups if len(group) == 1]  # resampled, one value is that value

    def of_samples(*samples: Any, axis: int = -1) -> Any:
        every = [*samples, *(np.full((*samples[0].shape[:-1], 1), value) for value in fixed)]
        return statistic([sample.mean(axis=-1) for sample in every], np.concatenate(every, axis=-1))

    if not drawn:
        only = float(statistic([np.asarray(value) for value in fixed], np.asarray(fixed)))
        return only, only
    found = resample(
        drawn,
        of_samples,
        n_resamples=RESAMPLES,
        batch=max(1, _BATCH // sum(map(len, groups))),
        vectorized=True,
        method="percentile",
        rng=np.random.Generator(np.random.PCG64(0)),
    ).confidence_interval
    return float(found.low), float(found.high)
