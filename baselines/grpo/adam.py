"""Adam, ascending."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from baselines.grpo.math import Floats
from baselines.grpo.scorer import WEIGHTS


@dataclass
class Adam:
    """Adam with a large epsilon, so that the tiny gradients of rare features stay tiny steps.

    Attributes:
        rate: Step size.
        epsilon: Added to the root of the second moment.
        first: First moment.
        second: Second moment.
        steps: Steps taken.
    """

    rate: float = 0.03
    epsilon: float = 1e-3
    first: Floats = field(default_factory=lambda: np.zeros(WEIGHTS))
    second: Floats = field(default_factory=lambda: np.zeros(WEIGHTS))
    steps: int = 0

    def ascend(self, weights: Floats, gradient: Floats) -> Floats:
        """Return new weights."""
        self.steps += 1
        self.first = 0.9 * self.first + 0.1 * gradient
        self.second = 0.99 * self.second + 0.01 * gradient**2
        first = self.first / (1 - 0.9**self.steps)
        second = self.second / (1 - 0.99**self.steps)
        return np.asarray(weights + self.rate * first / (np.sqrt(second) + self.epsilon))
