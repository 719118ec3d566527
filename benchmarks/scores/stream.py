"""Streams of episodes: how score and memory go from the first tasks to the last."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.results.file import latest
from benchmarks.results.row import EpisodeRow
from benchmarks.scores.intervals import mean
from benchmarks.specs import main_score

BANDS = 4
"""Parts into which a stream is divided."""

_TASK = re.compile(r"stream-.+-([0-9]{1,6})")
"""Ids of tasks of streams, with the position."""


@dataclass(frozen=True)
class Band:
    """The episodes of one player at some positions of its streams.

    Attributes:
        benchmark: The benchmark.
        player: Name of the player.
        kept: Whether memory is kept from one episode to the next.
        first: The first position, from 0.
        last: The last one.
        episodes: Number of episodes played to their end.
        score: Mean of the metric that ranks the benchmark; None if nothing was scored.
        entries: Mean number of entries in memory at the end; None if not known.
        tokens: Mean prompt tokens of an episode; None if not known.
        seconds: Mean seconds of an episode, in the environment and in the policy; None if not known.
    """

    benchmark: str
    player: str
    kept: bool
    first: int
    last: int
    episodes: int
    score: float | None
    entries: float | None
    tokens: float | None
    seconds: float | None


def bands(rows: Iterable[EpisodeRow], count: int = BANDS) -> list[Band]:
    """Return the streams among rows, each player's divided into parts of equal length.

    Args:
        rows: Rows; of those that repeat each other the last one counts, and crashed episodes are left out.
        count: Number of parts.
    """
    groups: dict[tuple[str, str, bool], dict[int, list[EpisodeRow]]] = {}
    for row in latest(rows).values():
        named = _TASK.fullmatch(row.task or "")
        if named and row.error is None:
            key = (row.benchmark, row.spec.label, row.spec.keeps_memory)
            groups.setdefault(key, {}).setdefault(int(named[1]), []).append(row)
    found = []
    for key, by_position in groups.items():
        length = max(by_position) + 1
        borders = [length * i // count for i in range(count + 1)]
        for first, end in pairwise(borders):
            members = [
                row for position in sorted(by_position) if first <= position < end for row in by_position[position]
            ]
            if members:
                found.append(_band(key, first, end - 1, members))
    return found


def _band(key: tuple[str, str, bool], first: int, last: int, rows: Sequence[EpisodeRow]) -> Band:
    benchmark, player, kept = key
    metric = main_score(benchmark)
    return Band(
        benchmark,
        player,
        kept,
        first,
        last,
        len(rows),
        mean((row.metrics or {}).get(metric) for row in rows),
        mean(row.entries for row in rows),
        mean((row.metrics or {}).get("TN") for row in rows),
        mean(None if row.seconds is None else sum(row.seconds.values()) for row in rows),
    )
