"""Why episodes failed, as far as their rows tell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.results.row import EpisodeRow
from benchmarks.scores.measures import score

CRASHED = "crashed"
"""How an episode ended that an error ended, and what the causes of such failures begin with."""


@dataclass(frozen=True)
class Failure:
    """Episodes that failed for one cause.

    Attributes:
        cause: The cause.
        rows: Their rows.
    """

    cause: str
    rows: tuple[EpisodeRow, ...]


def succeeded(success: bool | None, score: float | None) -> bool:
    """Return whether an episode did not fail: its task is solved, or its score is full.

    >>> succeeded(False, 1.0), succeeded(True, None), succeeded(False, 0.5)
    (True, True, False)
    """
    return bool(success) or (score is not None and score >= 1)


def cause(row: EpisodeRow) -> str | None:
    """Return why an episode failed; None if it did not. Crashes come with the type of the error."""
    if row.error is not None:
        return f"{CRASHED}: {row.error.get('type', '')}"
    value = score(row)
    if succeeded(row.success, value):
        return None
    if value is None:
        return "not scored"
    if not row.terminated:
        return "turn limit"
    if not (row.tool_calls or {}).get("answer"):
        return "ended by the task"
    return "wrong answer" if (row.metrics or {}).get("J") is not None else "answered, not solved"


def failures(rows: Iterable[EpisodeRow]) -> list[Failure]:
    """Return what failed, by cause: crashes first, then the commonest."""
    found: dict[str, list[EpisodeRow]] = {}
    for row in rows:
        why = cause(row)
        if why is not None:
            found.setdefault(why, []).append(row)
    ordered = sorted(found.items(), key=lambda item: (not item[0].startswith(CRASHED), -len(item[1])))
    return [Failure(why, tuple(failed)) for why, failed in ordered]
