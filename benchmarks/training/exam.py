"""Tests of trained and untrained weights; what was tested once is not tested again."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from agemem_env.engines import engine_class
from agemem_env.errors import DataError
from baselines.grpo.folder import RunFolder
from baselines.grpo.math import Floats
from baselines.grpo.settings import Settings
from baselines.grpo.train import trial
from baselines.grpo.workers import Outcome, Workers, mean_habits
from benchmarks.scores.intervals import estimate, mean

DRAWN, BEST = "drawn", "best"
"""How candidates are chosen: drawn by their probabilities, as in training, or the best one."""

WAYS = (DRAWN, BEST)

_MEASURED = frozenset({"key", "reward", "calls", "habits", "metrics", "tasks", "scores"})

RESULT = "result"
"""Name of the file of results, without its ending."""

Answers = dict[str, Any]
"""What came of a test, as JSON values."""


@dataclass(frozen=True)
class Examinee:
    """Who is tested.

    Attributes:
        name: In tables.
        weights: Of its policy.
        settings: Its environment is that of these.
    """

    name: str
    weights: Floats
    settings: Settings

    def without_tools(self, name: str) -> Examinee:
        """Return the same weights with all memory tools taken away."""
        taken = {**self.settings.arguments, "tools": ()}
        return replace(self, name=name, settings=replace(self.settings, arguments=taken))


class Exam:
    """Test tasks.

    Args:
        tasks: Number of test tasks.
        lent: Play them.
    """

    def __init__(self, tasks: int, lent: Workers) -> None:
        self.tasks = tasks
        self._lent = lent
        self._known: dict[str, Answers] = {}

    def remember(self, tests: Mapping[str, Answers]) -> None:
        """Take over what came of earlier tests; damaged ones, and those that measured less, are taken anew."""
        for answers in tests.values():
            if _is_whole(answers):
                self._known[answers["key"]] = dict(answers)

    def take(self, who: Examinee, way: str) -> Answers:
        """Return what comes of a test.

        Args:
            who: Is tested.
            way: `DRAWN` or `BEST`.
        """
        key = self._key(who, way)
        if key not in self._known:
            played = trial(who.settings, who.weights, "test", self.tasks, greedy=way == BEST, lent=self._lent)
            self._known[key] = {**summary(played, engine_class(who.settings.benchmark).main_score), "key": key}
        return self._known[key]

    def _key(self, who: Examinee, way: str) -> str:
        said = f"{who.settings.world('test').key} {self.tasks} {way}".encode()
        return hashlib.sha256(who.weights.astype("<f4").tobytes() + said).hexdigest()[:16]


def earlier(kept: RunFolder) -> Mapping[str, Answers]:
    """Return the tests that the results in a folder have, by name; none if there are no results.

    Raises:
        DataError: If the results cannot be read, or are something else.
    """
    found = kept.read_json(RESULT)
    tests = {} if found is None else found.get("tests") if isinstance(found, dict) else None
    if not isinstance(tests, dict):
        raise DataError(f"{kept.path / RESULT}.json has no results of a run; delete it, and it is made anew")
    return tests


def _is_whole(answers: Any) -> bool:
    """Whether a test has all that is measured, a score for each task among it."""
    if not isinstance(answers, dict) or not answers.keys() >= _MEASURED or not isinstance(answers["key"], str):
        return False
    tasks, scores = answers["tasks"], answers["scores"]
    if not isinstance(tasks, list) or not isinstance(scores, list) or len(tasks) != len(scores):
        return False
    return all(type(score) in (int, float) for score in scores)


def summary(outcomes: Sequence[Outcome], score: str) -> Answers:
    """Return means with intervals, and calls per episode, as JSON values."""
    scores = [outcome.score for outcome in outcomes]
    found = estimate(scores)
    interval = [float(np.mean(scores)), None, None] if found is None else [found.mean, found.low, found.high]
    calls = {
        name: float(np.mean([outcome.info["tool_calls"][name] for outcome in outcomes]))
        for name in outcomes[0].info["tool_calls"]
    }
    names = dict.fromkeys(name for outcome in outcomes for name in outcome.info["metrics"])
    return {
        score: interval,
        "reward": float(np.mean([outcome.reward for outcome in outcomes])),
        "calls": calls,
        "habits": {name: [*of] for name, of in mean_habits(outcomes).items()},
        "metrics": {name: mean(outcome.info["metrics"].get(name) for outcome in outcomes) for name in names},
        "tasks": [outcome.task for outcome in outcomes],
        "scores": scores,
    }
