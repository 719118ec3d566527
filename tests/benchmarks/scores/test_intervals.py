from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from benchmarks.scores.intervals import Estimate, average, bootstrap, estimate, interquartile_mean, mean, wilson


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


def test_each_group_counts_the_same_and_is_resampled_by_itself() -> None:
    # The variance of the mean of two means is a quarter of the sum of theirs, however many episodes each has.
    small, large = [0.0, 1.0] * 20, [0.4, 0.6] * 200
    found = average([small, large])
    assert found is not None
    half = 1.96 * math.sqrt((0.25 / 40 + 0.01 / 400) / 4)
    assert (found.mean, found.n, found.method) == (0.5, 440, "stratified bootstrap")
    assert (found.low, found.high) == pytest.approx((0.5 - half, 0.5 + half), abs=0.01)
    # Pooled, the large group would drown the small one.
    assert half > 2 * 1.96 * float(np.std(small + large)) / math.sqrt(440)


def test_an_average_needs_a_score_in_every_group() -> None:
    assert average([[1.0], [None]]) is None
    assert average([]) is None
    assert average([[1.0, 0.0], [0.5]]) == Estimate(0.5, 0.25, 0.75, 3, "stratified bootstrap")


def test_groups_that_all_failed_or_all_succeeded_are_not_certain() -> None:
    found = average([[1.0] * 20, [0.0] * 10])
    assert found is not None
    up, down = 1 - wilson(20, 20)[0], wilson(0, 10)[1]
    assert (found.mean, found.method) == (0.5, "wilson")
    assert (found.low, found.high) == pytest.approx((0.5 - up / 2, 0.5 + down / 2))
    assert average([[1.0] * 3, [1.0] * 3], rates=False) == Estimate(1.0, None, None, 6, "none")


def test_one_group_alone_is_an_estimate_unless_its_values_are_no_rates() -> None:
    assert average([[1.0, 0.0, None]]) == estimate([1.0, 0.0])
    assert average([[1.0, 0.0]], rates=False) == Estimate(0.5, 0.0, 1.0, 2, "bootstrap")
    assert average([[1.0]], rates=False) == Estimate(1.0, None, None, 1, "none")


def test_interquartile_mean_by_hand_and_against_scipy() -> None:
    # Of eight values two at either end go: (1 + 2 + 3 + 4) / 4.
    values = [100.0, 0.0, 2.0, 3.0, 4.0, 5.0, 1.0, -50.0]
    found = interquartile_mean([values])
    assert found is not None
    assert (found.mean, found.n, found.method) == (2.5, 8, "bootstrap")
    rng = np.random.default_rng(3)
    sample = rng.normal(size=60)
    ours = interquartile_mean([sample.tolist()])
    theirs = stats.bootstrap(
        (sample,), lambda x, axis: stats.trim_mean(x, 0.25, axis=axis), method="percentile", rng=rng
    ).confidence_interval
    assert ours is not None
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=0.05)


def test_interquartile_mean_of_little() -> None:
    assert interquartile_mean([[None], []]) is None
    assert interquartile_mean([[0.7]]) == Estimate(0.7, None, None, 1, "none")
    both = interquartile_mean([[0.25], [0.75]])
    assert both == Estimate(0.5, None, None, 2, "none")
    failed = interquartile_mean([[0.0] * 5])
    assert failed == Estimate(0.0, None, None, 5, "none")
