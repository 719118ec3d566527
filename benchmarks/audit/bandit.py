"""A two-armed bandit that learns whether to give up or to play on, from rewards that were measured.

It is the smallest learner that a wrong incentive can mislead: one parameter, trained with the group-relative advantages
of GRPO.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

K = 8
"""Episodes in a group."""

UPDATES = 400
"""Updates of a run."""

RATE = 0.5
"""Learning rate."""

FLOOR = 0.1
"""Floor of the standard deviation that lets small differences teach little."""

CONVERGED = 0.9
"""Probability of playing on from which the bandit has converged to it."""


def play_probability(
    give_up: Sequence[float],
    play_on: Sequence[float],
    rng: np.random.Generator,
    *,
    k: int = K,
    updates: int = UPDATES,
    floor: float = 0.0,
) -> float:
    """Return the probability of playing on after training, from 0.5 at the start.

    Each episode of a group draws its arm from the policy and its reward from those that were measured of the arm.
    Advantages are rewards minus the mean of the group, over the sample standard deviation (divisor ``k - 1``). A group
    whose rewards are all equal teaches nothing; without a floor, one in which they differ by a thousandth teaches as
    loudly as one with a success.

    Args:
        give_up: Measured rewards of giving up.
        play_on: Measured rewards of playing on.
        rng: Draws arms and rewards.
        k: Episodes in a group.
        updates: Number of groups.
        floor: Added to the standard deviation.

    >>> rng = np.random.default_rng(0)
    >>> play_probability([0.0], [1.0, 0.2], rng) > 0.9, play_probability([0.0], [-0.5, -1.0], rng) < 0.1
    (True, True)
    """
    rewards = (np.asarray(give_up, dtype=np.float64), np.asarray(play_on, dtype=np.float64))
    logit = 0.0
    for _ in range(updates):
        chance = 1 / (1 + np.exp(-logit))
        arms = (rng.random(k) < chance).astype(int)
        paid = np.array([rewards[arm][rng.integers(len(rewards[arm]))] for arm in arms])
        spread = paid.std(ddof=1)
        if spread > 1e-9:
            advantages = (paid - paid.mean()) / (spread + floor)
            logit += RATE * float((advantages * (arms - chance)).mean())
    return float(1 / (1 + np.exp(-logit)))
