"""The table and the learning curves of runs with several seeds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agemem_env.engines import engine_class
from agemem_env.rewards.habits import HABITS
from baselines.grpo.curve import draw_bands
from baselines.grpo.folder import RunFolder
from baselines.grpo.settings import Budget
from benchmarks.report.sheet import Sheet, markdown
from benchmarks.scores.intervals import Estimate
from benchmarks.training.exam import WAYS
from benchmarks.training.pooled import Pooled, pooled
from benchmarks.training.run import TRAINED, UNTRAINED, WITHOUT_TOOLS, TrainingRun
from benchmarks.training.study import AGEMEM, NO_MEMORY, Results

LINES = (
    ("untrained", AGEMEM, UNTRAINED),
    ("trained", AGEMEM, TRAINED),
    ("trained, tools taken away", AGEMEM, WITHOUT_TOOLS),
    ("trained, no memory", NO_MEMORY, TRAINED),
)
"""Lines of the table: label, variant, who is tested."""

NOTE = (
    "Test tasks that nothing was chosen by, the same for all. Intervals: 95 %, seeds and tasks resampled; of one seed, "
    "or of who has none (untrained weights are the same clone for all seeds), tasks alone. Where few seeds differ "
    "much, they are rather too narrow. Drawn: candidates are drawn by their probabilities, as in training; best: the "
    "most probable one. R: mean reward."
)


HABITS_NOTE = (
    "In percent of the test episodes to which it applies: an entry with an outdated fact that is needed was updated or "
    "deleted before the query came; the answer was what an outdated fact says; the share of the small talk that was in "
    "memory when the query came."
)


@dataclass(frozen=True)
class SeedTable:
    """Tests of runs with several seeds.

    Attributes:
        benchmark: Name of the benchmark.
        seeds: The seeds.
        results: What came of the runs.
    """

    benchmark: str
    seeds: Sequence[int]
    results: Results

    @property
    def score(self) -> str:
        """Name of the score."""
        return engine_class(self.benchmark).main_score

    def lines(self) -> Iterator[tuple[str, str, Pooled]]:
        """Yield label, way of choosing, and what came."""
        for label, variant, who in LINES:
            for way in WAYS:
                found = pooled(self.results, variant, who, way, self.seeds)
                if found is not None:
                    yield label, way, found

    def scores(self) -> Sheet:
        """Return the table of scores."""
        rows = [
            (
                label,
                way,
                share(found.estimate.mean),
                interval(found.estimate),
                " ".join(map(share, found.by_seed if found.has_seeds else found.by_seed[:1])),
                "" if (reward := found.mean("R")) is None else f"{reward:.2f}",
                calls(found),
            )
            for label, way, found in self.lines()
        ]
        columns = ("policy", "candidates", self.score, "95 %", "by seed", "R", "calls per episode")
        return Sheet(columns, tuple(rows), 2)

    def gaps(self) -> Iterator[tuple[str, str, Estimate, bool | None]]:
        """Yield label, way of choosing, by how much the trained policy is ahead, and whether intervals are apart."""
        known = {(label, way): found for label, way, found in self.lines()}
        for label, _, _ in LINES:
            for way in WAYS:
                ours, other = known.get((LINES[1][0], way)), known.get((label, way))
                gap = None if ours is None or other is None or ours is other else ours.minus(other)
                if gap is not None and ours is not None and other is not None:
                    yield label, way, gap, disjoint(ours.estimate, other.estimate)

    def differences(self) -> Sheet:
        """Return by how much the trained policy is ahead of the others."""
        said = {True: "yes", False: "no", None: ""}
        rows = [
            (label, way, f"{gap.mean:+.2f}", interval(gap, signed=True), said[apart])
            for label, way, gap, apart in self.gaps()
        ]
        return Sheet(("trained against", "candidates", self.score, "95 %", "intervals apart"), tuple(rows), 2)

    def habits(self) -> Sheet:
        """Return what was done with what was told, in percent of the episodes to which it applies."""
        rows = [
            (label, way, *(percent(found.habits.get(name)) for name in HABITS))
            for label, way, found in self.lines()
            if any("_" in tool for tool in found.calls) and any(x is not None for x in found.habits.values())
        ]
        return Sheet(("policy", "candidates", *HABITS), tuple(rows), 2)

    def further(self) -> Iterator[tuple[str, str, str, Pooled]]:
        """Yield label, benchmark, way of choosing, and what came of trained weights on further benchmarks."""
        start = f"{TRAINED} on "
        tested = dict.fromkeys(name for result in self.results.values() for name in result.tests)
        for label, variant in (("trained", AGEMEM), ("trained, no memory", NO_MEMORY)):
            for test in tested:
                who, _, way = test.rpartition(", ")
                found = pooled(self.results, variant, who, way, self.seeds) if who.startswith(start) else None
                if found is not None:
                    yield label, who.removeprefix(start), way, found

    def on_others(self) -> Sheet:
        """Return the table of scores on further benchmarks that the same weights were trained on."""
        rows = [
            (
                label, benchmark, way, engine_class(benchmark).main_score, share(found.estimate.mean),
                interval(found.estimate), " ".join(map(share, found.by_seed)),
            )
            for label, benchmark, way, found in self.further()
        ]  # fmt: skip
        return Sheet(("policy", "benchmark", "candidates", "score", "mean", "95 %", "by seed"), tuple(rows), 3)

    def to_json(self) -> dict[str, Any]:
        """Return all figures as JSON values."""
        runs = {
            f"{variant}, seed {seed}": {"updates": r.updates, "cpu_seconds": r.cpu_seconds, "problem": r.problem}
            for (variant, seed), r in self.results.items()
        }
        lines = {f"{label}, {way}": found.to_json() for label, way, found in self.lines()}
        further = {f"{label} on {name}, {way}": found.to_json() for label, name, way, found in self.further()}
        ahead = {
            f"trained against {label}, {way}": {**gap_to_json(gap), "intervals_apart": apart}
            for label, way, gap, apart in self.gaps()
        }
        return {
            "benchmark": self.benchmark, "score": self.score, "seeds": [*self.seeds], "lines": lines,
            "differences": ahead, "further": further, "runs": runs,
        }  # fmt: skip

    def to_markdown(self) -> str:
        """Return the tables as Markdown."""
        parts = [
            f"{self.benchmark}, {spent(self.results)}",
            markdown(self.scores()),
            NOTE,
            markdown(self.differences()),
            *([markdown(self.on_others())] if self.on_others().rows else []),
            *([HABITS_NOTE, markdown(self.habits())] if self.habits().rows else []),
        ]
        return "\n\n".join(parts) + "\n"


def write(table: SeedTable, runs: Sequence[TrainingRun], folder: Path, budget: Budget) -> None:
    """Write ``seeds.json``, ``seeds.md`` and ``seeds.png`` in a folder."""
    kept = RunFolder(folder)
    kept.write_json("seeds", table.to_json())
    kept.write_text("seeds.md", table.to_markdown())
    curves: dict[str, list[Any]] = {}
    for run in runs:
        rows = RunFolder(run.folder).rows()
        if rows:
            curves.setdefault(run.variant, []).append(rows)
    if curves:
        draw_bands(curves, folder / "seeds.png", f"{table.benchmark}, {table.score}", axis_of(budget))


def axis_of(budget: Budget) -> str:
    """Return the column of the curve in which a budget is given."""
    if budget.updates is not None:
        return "update"
    return "seconds" if budget.cpu_seconds is None else "cpu_seconds"


def spent(results: Results) -> str:
    """Return what runs took, from the least to the most."""
    found = [*results.values()]
    updates, seconds = [r.updates for r in found], [r.cpu_seconds for r in found]
    return f"{counted(len(found), 'run')} of {ranged(updates, 'update')} ({ranged(seconds, 'processor second')})"


def ranged(values: Sequence[float], noun: str) -> str:
    """Return the least and the most of some numbers, or the one that all are, with their noun.

    >>> ranged([3, 5], "update"), ranged([2.1, 1.8], "processor second"), ranged([1], "update")
    ('3 to 5 updates', '2 processor seconds', '1 update')
    """
    low, high = round(min(values)), round(max(values))
    return counted(low, noun) if low == high else f"{low} to {high} {noun}s"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def problems(results: Results) -> list[str]:
    """Return a line for each run that stopped early."""
    return [
        f"{variant}, seed {seed}: stopped early: {r.problem}" for (variant, seed), r in results.items() if r.problem
    ]


def disjoint(one: Estimate, other: Estimate) -> bool | None:
    """Whether two intervals have no value in common; None if one of them is not known.

    >>> low, high = Estimate(0.1, 0.0, 0.2, 40, "wilson"), Estimate(0.5, 0.4, 0.6, 40, "wilson")
    >>> disjoint(low, high)
    True
    """
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return None
    return one.low > other.high or other.low > one.high


def gap_to_json(gap: Estimate) -> dict[str, Any]:
    """Return a difference as JSON values."""
    return {"mean": gap.mean, "low": gap.low, "high": gap.high, "interval": gap.method}


def percent(value: float | None) -> str:
    """Return a share in percent; nothing if there is none."""
    return "" if value is None else f"{100 * value:.0f}"


def share(value: float) -> str:
    """Return a score with two digits."""
    return f"{value:.2f}"


def interval(found: Estimate, signed: bool = False) -> str:
    """Return both ends of an interval; nothing without one."""
    if found.low is None or found.high is None:
        return ""
    return f"{found.low:+.2f} to {found.high:+.2f}" if signed else f"{found.low:.2f} to {found.high:.2f}"


def calls(found: Pooled | Mapping[str, float]) -> str:
    """Return the calls of memory tools per episode."""
    of = found.calls if isinstance(found, Pooled) else found
    return ", ".join(f"{tool.split('_')[0]} {number:.1f}" for tool, number in of.items() if "_" in tool)
