"""What the figures of `agemem throughput` must hold, and whether they do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.speed.growth import Search
from benchmarks.speed.throughput import Report
from benchmarks.speed.vector_rates import VectorRates

GROWTH = 1.5
"""What a turn at the end of a long episode, at a full context, or with many entries may cost against one at first."""

NEW_TASK_MS = {"ALFWorld": 60.0, "BabyAI": 25.0, "HotpotQA": 5.0, "PDDL": 8.0}
"""Milliseconds that a new task may take."""

_CPU_BOUND = ("ALFWorld", "BabyAI", "PDDL", "SciWorld")
_MANY = 16


@dataclass(frozen=True)
class Bound:
    """One figure that must hold.

    Attributes:
        benchmark: The benchmark; empty where it is of none.
        what: What it is.
        value: What was measured.
        limit: What it must be.
        at_least: Whether the limit is the least or the most.
    """

    benchmark: str
    what: str
    value: float
    limit: float
    at_least: bool = False

    @property
    def holds(self) -> bool:
        """Whether it does.

        >>> Bound("", "x", 2.0, 1.5).holds, Bound("", "x", 2.0, 1.5, at_least=True).holds
        (False, True)
        """
        return self.value >= self.limit if self.at_least else self.value <= self.limit


def bounds(reports: Sequence[Report], searches: Sequence[Search]) -> list[Bound]:
    """Return all bounds that the figures have a value for."""
    found = [bound for report in reports for bound in (*_of_core(report), *_of_layers(report), *_of_vectors(report))]
    if searches and searches[-1].entries >= 10_000:
        found.append(Bound("", "milliseconds of a search in 10,000 entries", searches[-1].plain, 4.0))
        found.append(Bound("", "the same with a filter", searches[-1].filtered, 8.0))
    return found


def _of_core(report: Report) -> Iterator[Bound]:
    name, flat = report.benchmark, report.flat
    if name == "HotpotQA":
        yield Bound(name, "microseconds of an idle step", report.idle.median, 60.0)
    if name in NEW_TASK_MS:
        yield Bound(name, "milliseconds of a new task", report.resets.new, NEW_TASK_MS[name])
    yield Bound(name, "milliseconds of the same task again", report.resets.again, 1.0)
    yield Bound(name, "milliseconds of a return to a snapshot", report.resets.restore, 1.0)
    yield Bound(name, "last turns of 1,000 against the first", flat.late / flat.early, GROWTH)
    if flat.full is not None:
        yield Bound(name, "a full context against the first turns", flat.full / flat.early, GROWTH)
    yield Bound(name, "64,000 tokens against the first turns", report.context.large / report.context.small, 2.0)
    yield Bound(name, "10,000 entries against 10", report.memory.large / report.memory.small, GROWTH)


def _of_layers(report: Report) -> Iterator[Bound]:
    name, beside = report.benchmark, report.beside
    costs = None if beside is None else beside.costs
    if beside is None or costs is None:
        return
    if costs.stock is not None:
        faster = {"ALFWorld": 30.0, "SciWorld": 3.0, "PDDL": 10.0}.get(name)
        if faster is not None:
            yield Bound(name, f"steps per second against {costs.package}", costs.stock / costs.env, faster, True)
        if name == "BabyAI":
            yield Bound(name, "a step against minigrid's with its text", costs.env / costs.stock, 1.5)
    if name == "PDDL":
        yield Bound(name, "a step against the engine's", costs.env_to_engine, 2.5)
    many = _of_size(beside.vectors, _MANY)
    if name == "SciWorld" and beside.stock is not None and many is not None:
        yield Bound(name, f"times less memory than {costs.package} at 16", beside.stock.mb / many.pool_mb, 8.0, True)


def _of_vectors(report: Report) -> Iterator[Bound]:
    many = None if report.beside is None else _of_size(report.beside.vectors, _MANY)
    if many is None:
        return
    if report.benchmark in _CPU_BOUND:
        yield Bound(report.benchmark, "16 in the pool against one process", many.pool / many.sync, 1.7, True)
    if many.async_ is not None:
        yield Bound(report.benchmark, "16 in the pool against AsyncVectorEnv", many.pool / many.async_, 1.0, True)


def _of_size(vectors: Sequence[VectorRates], count: int) -> VectorRates | None:
    return next((rates for rates in vectors if rates.count == count), None)
