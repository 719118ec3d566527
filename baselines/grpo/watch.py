"""Notices when training goes wrong, so that it stops with what was best."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from baselines.grpo.math import Floats


@dataclass
class Watch:
    """Looks at every update.

    Attributes:
        largest_kl: Mean KL to the reference per step beyond which the policy has run away.
        patience: Updates in a row in which no group may say anything.
    """

    largest_kl: float = 20.0
    patience: int = 25
    _silent: deque[float] = field(default_factory=deque)

    def remember(self, silent: Iterable[float]) -> None:
        """Take note of the shares of silent groups of some updates, such as those before an interruption."""
        for share in silent:
            self._silent.append(share)
            if len(self._silent) > self.patience:
                self._silent.popleft()

    def problem(self, row: Mapping[str, Any], weights: Floats, gradient: Floats) -> str | None:
        """Return what is wrong, in one line, or None.

        Args:
            row: What is logged of the update.
            weights: After it.
            gradient: Of it.
        """
        if not (np.isfinite(weights).all() and np.isfinite(gradient).all()):
            return "weights or gradients are not finite: lower the rate"
        if not math.isfinite(row["kl"]) or row["kl"] > self.largest_kl:
            return f"the policy has left the reference: KL per step is {row['kl']:.3g}: lower the rate or raise beta"
        self.remember([row["silent"]])
        if len(self._silent) == self.patience and min(self._silent) >= 1:
            return (
                f"in {self.patience} updates all rollouts of each group earned the same, which teaches nothing: "
                "begin with lessons, or with easier tasks"
            )
        return None
