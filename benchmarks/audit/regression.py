"""Logistic regression, and how well scores tell two classes apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.scores.intervals import RESAMPLES

Array = NDArray[np.float64]

_STEPS = 12
_RIDGE = 3.0


@dataclass(frozen=True)
class Logistic:
    """A fitted regression.

    Attributes:
        mean: Mean of each feature in the training data.
        scale: Standard deviation of each feature; 1 for constants.
        weights: A weight per standardised feature, and the intercept.
    """

    mean: Array
    scale: Array
    weights: Array

    def scores(self, features: Array) -> Array:
        """Return the log-odds of each row."""
        return np.asarray(_standard(features, self.mean, self.scale) @ self.weights)


def fit(features: Array, labels: Array) -> Logistic:
    """Fit a logistic regression with an L2 penalty by Newton's method.

    Args:
        features: A row per example.
        labels: 0 or 1 per example.

    >>> x = np.array([[0.0], [1.0], [2.0], [3.0]])
    >>> scores = fit(x, np.array([0.0, 0.0, 1.0, 1.0])).scores(x)
    >>> bool(np.all(np.diff(scores) > 0))
    True
    """
    mean, scale = features.mean(axis=0), features.std(axis=0)
    scale = np.where(scale < 1e-9, 1.0, scale)
    rows = _standard(features, mean, scale)
    penalty = np.full(rows.shape[1], _RIDGE)
    penalty[-1] = 1e-9
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        chance = 1 / (1 + np.exp(-np.clip(rows @ weights, -30, 30)))
        gradient = rows.T @ (labels - chance) - penalty * weights
        curvature = (rows * (chance * (1 - chance))[:, None]).T @ rows + np.diag(penalty)
        weights = weights + np.linalg.solve(curvature, gradient)
    return Logistic(mean, scale, weights)


def auc(scores: Array, labels: Array) -> float:
    """Return the probability that a random example of class 1 has a higher score than one of class 0; ties count half.

    >>> auc(np.array([0.1, 0.9, 0.5]), np.array([0.0, 1.0, 0.0]))
    1.0
    """
    _, inverse, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    ones = labels > 0.5
    n_ones, n_zeros = int(ones.sum()), int((~ones).sum())
    if not n_ones or not n_zeros:
        return 0.5
    return float((ranks[ones].sum() - n_ones * (n_ones + 1) / 2) / (n_ones * n_zeros))


def interval(scores: Array, labels: Array, groups: NDArray[np.int64]) -> tuple[float, float]:
    """Return the 95 % percentile bootstrap interval of the AUC; whole groups are drawn.

    Args:
        scores: A score per example.
        labels: 0 or 1 per example.
        groups: Number of the group of each example, from 0.
    """
    rng = np.random.default_rng(0)
    members = [np.flatnonzero(groups == g) for g in range(int(groups.max()) + 1)]
    drawn = []
    for _ in range(RESAMPLES // 2):
        index = np.concatenate([members[g] for g in rng.integers(len(members), size=len(members))])
        drawn.append(auc(scores[index], labels[index]))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(low), float(high)


def _standard(features: Array, mean: Array, scale: Array) -> Array:
    return np.hstack([(features - mean) / scale, np.ones((len(features), 1))])
