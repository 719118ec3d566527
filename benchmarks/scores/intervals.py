"""Means with 95 % intervals; episodes count as independent draws, since each seed draws its task anew."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

Z = 1.959963984540054
"""0.975 quantile of the standard normal distribution."""

RESAMPLES = 2000
"""Resamples of a bootstrap."""


@dataclass(frozen=True)
class Estimate:
    """A mean and its 95 % interval.

    Attributes:
        mean: Mean of the values.
        low: Lower end; None if there is too little to say.
        high: Upper end; None if there is too little to say.
        n: Number of values.
        method: ``wilson``, ``bootstrap``, or ``none`` without an interval.
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
    rate = successes / n
    middle = (rate + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z * math.sqrt(rate * (1 - rate) / n + Z * Z / (4 * n * n)) / (1 + Z * Z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def bootstrap(values: Sequence[float]) -> tuple[float, float]:
    """Return the percentile bootstrap interval of a mean; equal values give an equal interval.

    >>> bootstrap([0.0, 0.5])
    (0.0, 0.5)
    """
    rng = np.random.Generator(np.random.PCG64(0))
    array = np.asarray(values, dtype=np.float64)
    means = [float(array[rng.integers(len(array), size=len(array))].mean()) for _ in range(RESAMPLES)]
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


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
    if n == 1:
        return Estimate(average, None, None, n, "none")
    return Estimate(average, *bootstrap(scored), n, "bootstrap")
