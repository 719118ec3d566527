"""Which players are worth their cost: those that nobody beats in score without paying more."""

from __future__ import annotations

from collections.abc import Sequence


def efficient(points: Sequence[tuple[float | None, float | None]]) -> list[bool]:
    """Return for each point whether none is at least as good in both and better in one.

    Args:
        points: Cost and score of each; one that lacks either is not efficient.

    >>> efficient([(1.0, 0.5), (2.0, 0.5), (3.0, 0.9), (None, 1.0), (1.0, 0.5)])
    [True, False, True, False, True]
    """
    known = [(cost, score) for cost, score in points if cost is not None and score is not None]

    def beaten(cost: float, score: float) -> bool:
        return any(c <= cost and s >= score and (c, s) != (cost, score) for c, s in known)

    return [cost is not None and score is not None and not beaten(cost, score) for cost, score in points]
