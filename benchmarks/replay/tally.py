"""What a replay has counted, and the differences that it found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, fields

SHOWN = 20
"""Differences that are shown unless all are asked for."""


@dataclass
class Tally:
    """Counts of a replay.

    Attributes:
        episodes: Episodes played.
        episodes_ok: Episodes in which nothing differed.
        observations: Observations compared, first ones included.
        observations_equal: Those that are equal, but for what `ReplayAdapter.same` allows.
        observations_exact: Those that are equal word for word.
        progress: Progress values compared, final ones included.
        progress_equal: Those that are equal.
        invalid: Replies to invalid actions in words of the dialect, compared as invalid and counted nowhere else.
        thoughts: Inputs that never reached the engine.
        rest: Other values compared, by name.
        rest_equal: Those that are equal.
        differences: A line for each difference.
    """

    episodes: int = 0
    episodes_ok: int = 0
    observations: int = 0
    observations_equal: int = 0
    observations_exact: int = 0
    progress: int = 0
    progress_equal: int = 0
    invalid: int = 0
    thoughts: int = 0
    rest: Counter[str] = field(default_factory=Counter)
    rest_equal: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every episode is as recorded."""
        return self.episodes_ok == self.episodes

    def add(self, other: Tally) -> None:
        """Add the counts and differences of other episodes.

        >>> tally = Tally(episodes=1, differences=["line 1: x"])
        >>> tally.add(Tally(episodes=2, differences=["line 3: y"]))
        >>> tally.episodes, tally.differences
        (3, ['line 1: x', 'line 3: y'])
        """
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))

    def lines(self, most: int | None = SHOWN) -> Iterator[str]:
        """Yield the first differences, a line each, and how many of them these are.

        Args:
            most: How many of them; None for all.

        >>> list(Tally(differences=["line 1: a", "line 4: b"]).lines(1))
        ['line 1: a', 'differences shown: 1 of 2; --all shows them all']
        """
        shown = self.differences[:most]
        yield from shown
        if self.differences:
            rest = "" if len(shown) == len(self.differences) else "; --all shows them all"
            yield f"differences shown: {len(shown)} of {len(self.differences)}{rest}"

    def __str__(self) -> str:
        rest = "".join(f"{name} equal {self.rest_equal[name]} / {count}, " for name, count in self.rest.items())
        return (
            f"episodes {self.episodes_ok} / {self.episodes}, observations equal {self.observations_equal} / "
            f"{self.observations} (word for word {self.observations_exact}), {rest}"
            f"progress equal {self.progress_equal} / {self.progress}, "
            f"invalid replies {self.invalid}, thoughts {self.thoughts}"
        )
