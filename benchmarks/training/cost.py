"""What comes before and after training, and how long it takes: neither shall take longer than training itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agemem_env.engines import ENGINES
from baselines.grpo.settings import Budget, Settings
from baselines.grpo.train import PACK

TESTS = 100
"""Test tasks where the budget allows."""

TIMES_UNTRAINED, TIMES_TRAINED, TIMES_FURTHER = 2, 4, 2
"""How often each test task is played, drawn and with the best candidate: untrained; trained and with the tools taken
away; trained, on each further benchmark."""

_FEWEST = 10
_LESSON_S: Mapping[str, float] = {"HotpotQA": 0.05, "BabyAI": 0.07, "PDDL": 0.08, "ALFWorld": 0.08, "SciWorld": 0.2}
_EPISODE_S: Mapping[str, float] = {"HotpotQA": 0.04, "BabyAI": 0.05, "PDDL": 0.035, "ALFWorld": 0.06, "SciWorld": 0.15}
_ELSEWHERE_S = 0.1
"""Processor seconds of an idle core per cloned task and per episode."""


@dataclass(frozen=True)
class Around:
    """What is done before and after training.

    Attributes:
        lessons: Tasks of the first benchmark that are cloned.
        cloned: Tasks of all benchmarks that are cloned.
        tests: Test tasks of each benchmark.
        before: Processor seconds of cloning, about.
        training: Processor seconds of training, about; None if the budget says so itself.
        untrained: Processor seconds of testing untrained weights, which runs with different seeds share, about.
        after: Processor seconds of the other tests of a run, about.
    """

    lessons: int
    cloned: int
    tests: int
    before: float
    training: float | None
    untrained: float
    after: float


def around(benchmark: str, budget: Budget, tests: int | None = None, also: Sequence[str] = ()) -> Around:
    """Return what is done before and after training with a budget.

    Args:
        benchmark: Name of the benchmark.
        budget: Of training. One in seconds or minutes bounds cloning and tests: each takes at most about as long.
        tests: Test tasks; None: `TESTS`, or what the budget allows.
        also: Further benchmarks that the same weights are trained on.

    Raises:
        ConfigurationError: If a benchmark is unknown, or named more than once.

    >>> around("HotpotQA", Budget(minutes=10)).tests, around("HotpotQA", Budget(minutes=0.1)).tests
    (100, 25)
    >>> around("HotpotQA", Budget(minutes=0.1)).lessons, around("HotpotQA", Budget(updates=1)).lessons
    (120, 600)
    >>> around("HotpotQA", Budget(updates=1), also=["PDDL"]).cloned
    1000
    """
    usual, seconds = Settings.of(benchmark, budget, also=tuple(also)), _seconds(budget)
    lessons = usual.lessons
    if seconds is not None:
        lessons = min(lessons, max(_FEWEST, int(lessons * min(1.0, seconds / _cloning(usual)))))
    settings = replace(usual, lessons=lessons)
    episodes = [_EPISODE_S.get(one.benchmark, _ELSEWHERE_S) for one in settings.each]
    trained = TIMES_TRAINED * episodes[0] + TIMES_FURTHER * sum(episodes[1:])
    if tests is None:
        each = TIMES_UNTRAINED * episodes[0] + trained
        tests = TESTS if seconds is None else max(_FEWEST, int(min(TESTS, seconds / each)))
    return Around(
        lessons,
        sum(one.lessons for one in settings.each),
        tests,
        _cloning(settings),
        None if budget.updates is None else _training(settings, sum(episodes) / len(episodes)),
        tests * TIMES_UNTRAINED * episodes[0],
        tests * trained,
    )


def _cloning(settings: Settings) -> float:
    return sum(one.lessons * _LESSON_S.get(one.benchmark, _ELSEWHERE_S) for one in settings.each)


def _training(settings: Settings, episode: float) -> float:
    """Return the processor seconds of training with a budget in updates, validation included."""
    updates = settings.budget.updates or 0
    validations = math.ceil(updates / settings.validation_every)
    return episode * (updates * settings.groups * settings.group_size + validations * settings.validation_tasks)


def _seconds(budget: Budget) -> float | None:
    return budget.cpu_seconds if budget.minutes is None else 60 * budget.minutes


def told(found: Around, budget: Budget, processes: int, runs: int = 1, variants: int = 1) -> str:
    """Return in one line how long runs take, on idle cores.

    Args:
        found: What is done around training.
        budget: Of training.
        processes: Processes that play.
        runs: Number of runs that share a clone.
        variants: Number of different runs among them, but for their seed.

    >>> told(around("HotpotQA", Budget(minutes=10)), Budget(minutes=10), processes=2)
    'about 0.2 min of cloning (600 tasks), 10 min of training, and about 0.2 min of tests (100 tasks)'
    """
    if budget.minutes is not None:
        training = f"{budget.minutes:g} min"
    else:
        seconds = (found.training or 0.0) if budget.cpu_seconds is None else budget.cpu_seconds
        training = _minutes(seconds, Settings.groups, processes)
    before = ""
    if found.cloned:
        jobs = math.ceil(found.cloned / PACK)
        before = f"{_minutes(found.before, jobs, processes)} of cloning ({found.cloned} tasks), "
    tests = variants * found.untrained + runs * found.after
    after = f"{_minutes(tests, math.ceil(found.tests / PACK), processes)} of tests ({found.tests} tasks)"
    return f"{before}{f'then {runs} times ' if runs > 1 else ''}{training} of training, and {after}"


def told_elsewhere(benchmark: str, tests: int, budget: Budget, processes: int, runs: int) -> str:
    """Return in one line how long it takes to test weights of one benchmark on all others, on idle cores.

    Args:
        benchmark: On which is trained.
        tests: Test tasks of each other benchmark.
        budget: Of training.
        processes: Processes that play.
        runs: Number of runs whose weights are tested.

    >>> told_elsewhere("HotpotQA", 100, Budget(minutes=10), processes=2, runs=5)
    'about 1.2 min of cloning (1130 tasks), and about 3.0 min of tests (100 tasks each)'
    """
    plans = [around(name, budget, tests) for name in ENGINES if name != benchmark]
    cloned = sum(plan.cloned for plan in plans)
    before = _minutes(sum(plan.before for plan in plans), math.ceil(cloned / PACK), processes)
    after = _minutes((1 + runs) * sum(plan.untrained for plan in plans), math.ceil(tests / PACK), processes)
    return f"{before} of cloning ({cloned} tasks), and {after} of tests ({tests} tasks each)"


def _minutes(seconds: float, jobs: int, processes: int) -> str:
    """Return how long processor seconds take that come in rounds of so many jobs, of which a process plays one."""
    side_by_side = jobs / math.ceil(jobs / processes)
    return f"about {max(seconds / side_by_side / 60, 0.1):.1f} min"
