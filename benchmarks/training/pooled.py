"""What came of runs with several seeds, taken together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.scores.crossed import crossed
from benchmarks.scores.intervals import Estimate, mean
from benchmarks.training.exam import Answers
from benchmarks.training.study import Results


@dataclass(frozen=True)
class Pooled:
    """Tests of one player, by seed.

    Attributes:
        score: Name of the score.
        tests: What came of the test of each seed.
    """

    score: str
    tests: Sequence[Answers]

    @property
    def scores(self) -> list[list[float]]:
        """By seed, then by task."""
        return [test["scores"] for test in self.tests]

    @property
    def estimate(self) -> Estimate:
        """Mean over seeds and tasks."""
        return crossed(self.scores if self.has_seeds else self.scores[:1])

    @property
    def has_seeds(self) -> bool:
        """Whether seeds differ; what is not trained is the same for all."""
        return len({test["key"] for test in self.tests}) > 1

    @property
    def by_seed(self) -> list[float]:
        """Mean of each seed."""
        return [float(np.mean(scores)) for scores in self.scores]

    def minus(self, other: Pooled) -> Estimate | None:
        """Return the mean difference from another player on the same tasks; None if seeds or tasks differ."""
        if [test["tasks"] for test in self.tests] != [test["tasks"] for test in other.tests]:
            return None
        return crossed((np.array(self.scores) - np.array(other.scores)).tolist(), rates=False)

    def mean(self, name: str) -> float | None:
        """Return the mean of a metric, or of the reward (``R``)."""
        return mean(test["reward"] if name == "R" else test["metrics"].get(name) for test in self.tests)

    @property
    def calls(self) -> dict[str, float]:
        """Calls per episode, by tool."""
        names = dict.fromkeys(name for test in self.tests for name in test["calls"])
        return {name: float(np.mean([test["calls"].get(name, 0.0) for test in self.tests])) for name in names}

    @property
    def habits(self) -> dict[str, float | None]:
        """What was done with what was told (`agemem_env.rewards.habits`), over the episodes to which it applies."""
        names = dict.fromkeys(name for test in self.tests for name in test.get("habits", {}))
        return {name: _weighted([test["habits"][name] for test in self.tests]) for name in names}

    def to_json(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        found = self.estimate
        return {
            "mean": found.mean, "low": found.low, "high": found.high, "interval": found.method,
            "by_seed": self.by_seed, "reward": self.mean("R"), "calls": self.calls,
            "habits": self.habits,
        }  # fmt: skip


def _weighted(found: Sequence[Sequence[float | None]]) -> float | None:
    """Return the mean of means, given each with the number of values that it is over."""
    known = [(value, count) for value, count in found if value is not None and count]
    total = sum(count for _, count in known)
    return sum(value * count for value, count in known) / total if total else None


def pooled(results: Results, variant: str, who: str, way: str, seeds: Sequence[int]) -> Pooled | None:
    """Return what came of a player, or None if nobody tested it.

    Args:
        results: Of the runs.
        variant: Name of the run.
        who: Is tested, such as `TRAINED`.
        way: `DRAWN` or `BEST`.
        seeds: Of the runs.
    """
    found = [results[variant, seed] for seed in seeds if (variant, seed) in results]
    tests: list[Mapping[str, Any] | None] = [result.tests.get(f"{who}, {way}") for result in found]
    known = [dict(test) for test in tests if test is not None]
    return Pooled(found[0].score, known) if known and len(known) == len(found) else None
