"""What a memory system is worth: its player against the same player without memory, on the same tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.results.row import EpisodeRow
from benchmarks.scores.comparison import Comparison, compare
from benchmarks.scores.measures import score, tokens
from benchmarks.scores.summary import Summary
from benchmarks.specs import canonical

WITHOUT = "no-memory"
"""The memory system that is none, and what ends the name of a policy that has a twin without memory."""


@dataclass(frozen=True)
class Gain:
    """What a player gains from memory, on one benchmark or on average over several.

    Attributes:
        player: Name of the player with memory.
        without: Name of the same one without.
        benchmarks: The benchmarks that both have played.
        score: What it scores more.
        tokens: What it reads more, in tokens of all prompts, with the memory system's own.
    """

    player: str
    without: str
    benchmarks: tuple[str, ...]
    score: Comparison
    tokens: Comparison


def gain(summary: Summary, others: Sequence[Summary]) -> Gain | None:
    """Return what a player gains from memory on a benchmark; None if it has none, or nobody played without.

    Args:
        summary: Its episodes.
        others: Where to look for the episodes of the same one without memory, in the same setting.
    """
    twin = next((other for other in others if _is_twin(summary, other)), None)
    return None if twin is None else _gain([(summary, twin)])


def gains(summaries: Sequence[Summary]) -> list[Gain]:
    """Return the gain of every player with memory, over all benchmarks that it played with and without."""
    pairs: dict[str, list[tuple[Summary, Summary]]] = {}
    for summary in summaries:
        twin = next((other for other in summaries if _is_twin(summary, other)), None)
        if twin is not None:
            pairs.setdefault(canonical([summary.policy, _conditions(summary)]), []).append((summary, twin))
    return [_gain(found) for found in pairs.values()]


def _gain(pairs: Sequence[tuple[Summary, Summary]]) -> Gain:
    with_memory = [row for summary, _ in pairs for row in summary.rows]
    without = [row for _, twin in pairs for row in twin.rows]
    first, second = pairs[0]
    return Gain(
        first.policy,
        second.policy,
        tuple(summary.benchmark for summary, _ in pairs),
        compare(with_memory, without, score),
        compare(with_memory, without, tokens),
    )


def _is_twin(summary: Summary, other: Summary) -> bool:
    same = summary.benchmark == other.benchmark and canonical(summary.setting) == canonical(other.setting)
    return same and _without_memory(summary.rows[0], other.rows[0])


def _without_memory(row: EpisodeRow, other: EpisodeRow) -> bool:
    """Whether the other plays as this one does, but without memory."""
    if row.memory == WITHOUT or row.policy.endswith(f"-{WITHOUT}"):
        return False
    if other.policy == row.policy:
        return other.memory == WITHOUT
    return row.memory is None and other.memory is None and other.policy == f"{row.policy}-{WITHOUT}"


def _conditions(summary: Summary) -> dict[str, object]:
    """Return the setting but for what belongs to the benchmark: where its tasks are from."""
    return {name: value for name, value in summary.setting.items() if name != "source"}
