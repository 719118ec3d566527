"""`Player`: what one player did on all benchmarks that it played in one setting."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from benchmarks.results.row import EpisodeRow
from benchmarks.scores.gain import Gain, gain
from benchmarks.scores.intervals import Estimate, average, interquartile_mean
from benchmarks.scores.measures import score
from benchmarks.scores.summary import Summary
from benchmarks.specs import canonical


@dataclass(frozen=True)
class Player:
    """A policy, with the memory system around it, in one setting.

    Attributes:
        summaries: What it did, by benchmark; at least one.
    """

    summaries: Mapping[str, Summary]

    @property
    def first(self) -> Summary:
        """One of its summaries, for what all of them share."""
        return next(iter(self.summaries.values()))

    @property
    def name(self) -> str:
        """Name of the policy, with the memory system around it."""
        return self.first.policy

    @property
    def setting(self) -> Mapping[str, Any]:
        """What its environments share: their arguments, but for where tasks are from."""
        return conditions(self.first)

    @property
    def rows(self) -> list[EpisodeRow]:
        """All its rows."""
        return [row for summary in self.summaries.values() for row in summary.rows]

    @cached_property
    def average(self) -> Estimate | None:
        """Mean of its scores, in which each benchmark counts the same; None if one of them has no score."""
        return average(self._scores())

    @cached_property
    def iqm(self) -> Estimate | None:
        """Mean of the middle half of the scores of all its episodes."""
        return interquartile_mean(self._scores())

    @cached_property
    def gain(self) -> Gain | None:
        """What it gains from memory, on the benchmarks that were played without memory too."""
        both = [summary for summary in self.summaries.values() if summary.without]
        rows = [row for summary in both for row in summary.rows]
        return gain(rows, [row for summary in both for row in summary.without])

    def mean(self, value: Callable[[Summary], float | None]) -> float | None:
        """Return the mean of a figure over its benchmarks; None if one of them has none."""
        values = [found for summary in self.summaries.values() if (found := value(summary)) is not None]
        return sum(values) / len(values) if len(values) == len(self.summaries) else None

    def _scores(self) -> list[list[float | None]]:
        return [[score(row) for row in summary.played] for summary in self.summaries.values()]


def players(summaries: Sequence[Summary]) -> list[Player]:
    """Return the players of summaries, in the order of their first one."""
    found: dict[str, dict[str, Summary]] = {}
    for summary in summaries:
        mine = found.setdefault(canonical([summary.policy, conditions(summary)]), {})
        # the same benchmark with other tasks is another line
        if summary.benchmark in mine:
            mine = found.setdefault(canonical([summary.policy, summary.setting]), {})
        mine[summary.benchmark] = summary
    return [Player(own) for own in found.values()]


def conditions(summary: Summary) -> dict[str, Any]:
    """Return the setting but for what belongs to the benchmark: where its tasks are from."""
    return {name: value for name, value in summary.setting.items() if name != "source"}


def benchmarks_of(found: Iterable[Player]) -> list[str]:
    """Return the benchmarks that players played, each once."""
    return list(dict.fromkeys(name for player in found for name in player.summaries))
