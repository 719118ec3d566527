"""What comparisons of an engine with another package share: differences, durations, and how they are printed."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import ClassVar, TypeVar

import numpy as np
import typer

SHOWN = 10
"""Differences that are printed."""

OURS = "simulator"
"""Name of the engine of this package in tables."""

T = TypeVar("T")


@dataclass
class SideBySide:
    """What was seen when two engines were given the same commands.

    Attributes:
        steps: Number of commands given.
        solved: Number of known solutions that solved their task, in both.
        differences: What differed, one line each.
        seconds: Durations by engine and action.
    """

    other: ClassVar[str]
    """Name of the engine that ours is compared with."""

    digits: ClassVar[int] = 3
    """Digits after the point of milliseconds."""

    steps: int = 0
    solved: int = 0
    differences: list[str] = field(default_factory=list)
    seconds: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def timed(self, engine: str, action: str, run: Callable[[], T]) -> T:
        """Run something, note how long it took, and return its result."""
        start = time.perf_counter()
        result = run()
        self.seconds[engine, action].append(time.perf_counter() - start)
        return result

    def same(self, where: str, ours: object, theirs: object) -> None:
        """Note a difference, if there is one."""
        if ours != theirs:
            self.differences.append(f"{where}: {ours!r} here, {theirs!r} in {self.other}")

    def table(self) -> Iterator[str]:
        """Yield a line of durations per action, both engines side by side."""
        yield f"{'median, 95th percentile (ms)':<30}{OURS:>20}{self.other:>20}"
        for action in dict.fromkeys(action for _, action in self.seconds):
            cells = [self._cell(self.seconds.get((engine, action), ())) for engine in (OURS, self.other)]
            yield f"{action:<30}{cells[0]:>20}{cells[1]:>20}"

    def conclude(self, report: Iterable[str]) -> None:
        """Print the first differences and the report; end with exit code 1 if anything differs."""
        for line in self.differences[:SHOWN]:
            typer.echo(line, err=True)
        for line in report:
            typer.echo(line)
        if self.differences:
            raise typer.Exit(1)

    def _cell(self, seconds: Sequence[float]) -> str:
        if not seconds:
            return "–"
        middle, high = 1000 * median(seconds), 1000 * float(np.percentile(seconds, 95))
        return f"{middle:.{self.digits}f}, {high:.{self.digits}f}"
