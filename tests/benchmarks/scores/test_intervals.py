from __future__ import annotations

import math

import pytest

from benchmarks.scores.intervals import Estimate, bootstrap, estimate, mean, wilson


def test_wilson_solves_its_defining_equation() -> None:
    # The ends are the rates p from which the observed rate is 1.96 standard errors away.
    for end in wilson(3, 12):
        assert abs(3 / 12 - end) == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / 12), abs=1e-6)


def test_wilson_at_the_border() -> None:
    # With no success in n the interval is [0, z² / (n + z²)].
    assert wilson(0, 20) == pytest.approx((0.0, 3.841459 / 23.841459), abs=1e-6)
    assert wilson(20, 20) == pytest.approx((20 / 23.841459, 1.0), abs=1e-6)


def test_bootstrap_of_two_values() -> None:
    # Resampled means are 0, 1/4 and 1/2 with probabilities 1/4, 1/2 and 1/4: both ends are reached.
    assert bootstrap([0.0, 0.5]) == (0.0, 0.5)


def test_bootstrap_is_close_to_the_normal_interval_and_repeats() -> None:
    values = [i / 100 for i in range(101)]
    half = 1.96 * math.sqrt(sum((v - 0.5) ** 2 for v in values) / 101 / 101)
    assert bootstrap(values) == pytest.approx((0.5 - half, 0.5 + half), abs=0.01)
    assert bootstrap(values) == bootstrap(values)


def test_estimates_leave_out_what_was_not_scored() -> None:
    assert estimate([None, None]) is None
    assert estimate([None, 0.25]) == Estimate(0.25, None, None, 1, "none")
    rate = estimate([1, None, 0, 1.0])
    assert rate is not None
    assert rate.mean == pytest.approx(2 / 3)
    assert (rate.n, rate.method) == (3, "wilson")
    assert mean([None, 1.0, 0.5]) == 0.75
