"""Leaks: whether anything that is seen before the query tells which statements it will need.

A logistic regression learns on the train split to tell needed statements from other useful ones, and is tried on tasks
of the test split. What stands out of useful statements against small talk is measured as well: that may be learnt.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from gymnasium.utils import seeding
from numpy.typing import NDArray
from rich import box
from rich.console import Console
from rich.table import Table

from agemem_env.engines import engine_class
from agemem_env.types import Task
from benchmarks.audit.features import GROUPS, Sight, spoken, vocabulary
from benchmarks.audit.regression import auc, fit, interval

BOUNDS: Mapping[str, float] = MappingProxyType({"style": 0.60, "words": 0.65, "distractors": 0.60})
"""Largest upper end of the interval that passes, per measure."""

MEASURES = (*GROUPS, "words", "small talk")
"""What is measured: groups of features, style with words, and useful statements against small talk by all of that."""

_Examples = Sequence[tuple[Sight, int]]


@dataclass(frozen=True, slots=True)
class Leak:
    """How well one group of features tells needed statements from other useful ones.

    Attributes:
        benchmark: Name of the benchmark.
        measure: One of `MEASURES`.
        auc: Area under the curve on the test tasks; 0.5 is chance.
        low: Lower end of its 95 % interval, tasks drawn anew.
        high: Upper end.
        needed: Number of examples of the first class.
        examples: Number of all examples.
    """

    benchmark: str
    measure: str
    auc: float
    low: float
    high: float
    needed: int
    examples: int

    @property
    def holds(self) -> bool:
        """Whether the bound is met; measures without a bound always hold."""
        return self.high <= BOUNDS.get(self.measure, 1.0)


def measure(benchmark: str, train: int, seeds: Sequence[int], kwargs: Mapping[str, Any] | None = None) -> list[Leak]:
    """Measure a benchmark.

    Args:
        benchmark: Name of a benchmark, or ``module:Class``.
        train: Number of tasks of the train split to learn from.
        seeds: Seeds whose tasks of the test split are tried.
        kwargs: Arguments of the engine.
    """
    learnt = [Sight.of(task) for task in tasks_of(benchmark, "train", range(train), kwargs)]
    tried = [Sight.of(task) for task in tasks_of(benchmark, "test", seeds, kwargs)]
    known = vocabulary(learnt)
    found = []
    for name in MEASURES:
        talk = name == "small talk"
        rows, test = _examples(learnt, talk), _examples(tried, talk)
        labels, truth = _labels(rows, talk), _labels(test, talk)
        scores = fit(_features(name, rows, known), labels).scores(_features(name, test, known))
        number = {id(sight): i for i, sight in enumerate(tried)}
        groups = np.array([number[id(sight)] for sight, _ in test])
        low, high = interval(scores, truth, groups)
        found.append(Leak(benchmark, name, auc(scores, truth), low, high, int(truth.sum()), len(test)))
    return found


def tasks_of(benchmark: str, split: str, seeds: Sequence[int], kwargs: Mapping[str, Any] | None = None) -> list[Task]:
    """Return the generated tasks that an environment draws with some seeds, each once."""
    engine = engine_class(benchmark)(**{"split": split, "source": _source(benchmark), **(kwargs or {})})
    try:
        drawn = [int(seeding.np_random(seed)[0].integers(len(engine.tasks))) for seed in seeds]
        return [engine.tasks[index] for index in dict.fromkeys(drawn)]
    finally:
        engine.close()


def show(leaks: Sequence[Leak], console: Console) -> None:
    """Print a line per benchmark."""
    table = Table(box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False)
    table.add_column("Benchmark", no_wrap=True)
    for name in MEASURES:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("holds", justify="right")
    for benchmark in dict.fromkeys(leak.benchmark for leak in leaks):
        own = {leak.measure: leak for leak in leaks if leak.benchmark == benchmark}
        cells = [_interval(own[name]) for name in MEASURES]
        table.add_row(benchmark, *cells, "yes" if all(leak.holds for leak in own.values()) else "no")
    console.print(table)
    bounds = ", ".join(f"{name} {bound:.2f}" for name, bound in BOUNDS.items())
    console.print(
        "AUC of a logistic regression that tells needed statements from other useful ones, and in the last column\n"
        f"useful ones from small talk; 95 % intervals over tasks. Upper ends must not pass: {bounds}.",
        highlight=False,
    )


def _interval(leak: Leak) -> str:
    value, low, high = (f"{number:.2f}".removeprefix("0") for number in (leak.auc, leak.low, leak.high))
    return f"{value} [{low}, {high}]" if leak.measure in BOUNDS else value


def to_json(leaks: Sequence[Leak]) -> list[dict[str, Any]]:
    """Return the measures as JSON values, each with its bound."""
    return [{**asdict(leak), "bound": BOUNDS.get(leak.measure), "holds": leak.holds} for leak in leaks]


def _source(benchmark: str) -> str:
    """ScienceWorld's variations are official and generated at once, under the first name."""
    return "auto" if benchmark == "SciWorld" else "generated"


def _examples(sights: Sequence[Sight], talk: bool) -> _Examples:
    return [(sight, i) for sight in sights for i, fact in enumerate(sight.task.facts) if fact.useful or talk]


def _labels(examples: _Examples, talk: bool) -> NDArray[np.float64]:
    facts = [sight.task.facts[i] for sight, i in examples]
    return np.array([float(fact.useful if talk else fact.gold) for fact in facts])


def _features(name: str, examples: _Examples, known: Sequence[str]) -> NDArray[np.float64]:
    group = GROUPS.get(name, GROUPS["style"])
    seen = np.array([group(sight, i) for sight, i in examples])
    return seen if name in GROUPS else np.hstack([seen, spoken(examples, known)])
