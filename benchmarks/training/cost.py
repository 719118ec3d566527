"""What comes before and after training, and how long it takes: neither shall take longer than training itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from baselines.grpo.settings import Budget, Settings

TESTS = 100
"""Test tasks where the budget allows."""

TIMES_TESTED = 6
"""How often each test task is played: untrained, trained and with the tools taken away, drawn and with the best."""

_FEWEST = 10
_LESSON_S: Mapping[str, float] = {"HotpotQA": 0.05, "BabyAI": 0.07, "PDDL": 0.08, "ALFWorld": 0.08, "SciWorld": 0.2}
_EPISODE_S: Mapping[str, float] = {"HotpotQA": 0.04, "BabyAI": 0.05, "PDDL": 0.035, "ALFWorld": 0.06, "SciWorld": 0.15}
_ELSEWHERE_S = 0.1
"""Processor seconds of an idle core per cloned task and per episode."""


@dataclass(frozen=True)
class Around:
    """What is done before and after training.

    Attributes:
        lessons: Tasks that are cloned.
        tests: Test tasks.
        before: Processor seconds of cloning, about.
        training: Processor seconds of training, about; None if the budget says so itself.
        after: Processor seconds of tests, about.
    """

    lessons: int
    tests: int
    before: float
    training: float | None
    after: float


def around(benchmark: str, budget: Budget, tests: int | None = None) -> Around:
    """Return what is done before and after training with a budget.

    Args:
        benchmark: Name of the benchmark.
        budget: Of training. One in seconds or minutes bounds cloning and tests: each takes at most about as long.
        tests: Test tasks; None: `TESTS`, or what the budget allows.

    >>> around("HotpotQA", Budget(minutes=10)).tests, around("HotpotQA", Budget(minutes=0.1)).tests
    (100, 25)
    >>> around("HotpotQA", Budget(minutes=0.1)).lessons, around("HotpotQA", Budget(updates=1)).lessons
    (120, 600)
    """
    lesson, episode = _LESSON_S.get(benchmark, _ELSEWHERE_S), _EPISODE_S.get(benchmark, _ELSEWHERE_S)
    lessons, seconds = Settings.of(benchmark, budget).lessons, _seconds(budget)
    if seconds is not None:
        lessons = min(lessons, max(_FEWEST, int(seconds / lesson)))
    if tests is None:
        tests = TESTS if seconds is None else min(TESTS, max(_FEWEST, int(seconds / (TIMES_TESTED * episode))))
    batch = Settings.groups * Settings.group_size
    training = None if budget.updates is None else budget.updates * batch * episode
    return Around(lessons, tests, lessons * lesson, training, tests * TIMES_TESTED * episode)


def _seconds(budget: Budget) -> float | None:
    return budget.cpu_seconds if budget.minutes is None else 60 * budget.minutes


def told(found: Around, budget: Budget, processes: int, runs: int = 1) -> str:
    """Return in one line how long runs take, on idle cores.

    Args:
        found: What is done around training.
        budget: Of training.
        processes: Processes that play.
        runs: Number of runs that share a clone.

    >>> told(around("HotpotQA", Budget(minutes=10)), Budget(minutes=10), processes=2)
    'about 0.2 min of cloning (600 tasks), 10 min of training, and about 0.2 min of tests (100 tasks)'
    """
    per_minute = 60 * processes
    if budget.minutes is not None:
        training = f"{budget.minutes:g} min"
    elif budget.cpu_seconds is not None:
        training = f"about {_minutes(budget.cpu_seconds / per_minute)}"
    else:
        training = f"about {_minutes((found.training or 0.0) / per_minute)}"
    before = ""
    if found.lessons:
        before = f"about {_minutes(found.before / per_minute)} of cloning ({found.lessons} tasks), "
    after = f"about {_minutes(found.after / per_minute)} of tests ({found.tests} tasks)"
    if runs > 1:
        return f"{before}then {runs} times {training} of training and {after}"
    return f"{before}{training} of training, and {after}"


def _minutes(value: float) -> str:
    return f"{max(value, 0.1):.1f} min"
