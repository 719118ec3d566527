"""What a memory system is worth: its player against the same player without memory, on the same tasks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.results.row import EpisodeRow
from benchmarks.scores.comparison import Comparison, compare
from benchmarks.scores.measures import score, tokens

WITHOUT = "no-memory"
"""The memory system that is none, and what ends the name of a policy that has a twin without memory."""


@dataclass(frozen=True)
class Gain:
    """What a player gains from memory, on one benchmark or on average over several.

    Attributes:
        without: Name of the same player without memory.
        score: What it scores more.
        tokens: What it reads more, in tokens of all prompts, with the memory system's own.
    """

    without: str
    score: Comparison
    tokens: Comparison


def gain(rows: Sequence[EpisodeRow], without: Sequence[EpisodeRow]) -> Gain | None:
    """Return what a player gains from memory.

    Args:
        rows: Its episodes.
        without: Those of the same one without memory.

    Returns:
        None if there are none without.
    """
    if not without:
        return None
    return Gain(without[0].spec.label, compare(rows, without, score), compare(rows, without, tokens))


def is_twin(row: EpisodeRow, other: EpisodeRow) -> bool:
    """Return whether the other's player plays as this one's does, but without memory.

    That is the same policy with the memory system ``no-memory``, or, for a policy without a memory system, the one
    whose name ends in ``-no-memory``.
    """
    if row.memory == WITHOUT or row.policy.endswith(f"-{WITHOUT}"):
        return False
    if other.policy == row.policy:
        return other.memory == WITHOUT
    return row.memory is None and other.memory is None and other.policy == f"{row.policy}-{WITHOUT}"
