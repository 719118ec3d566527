"""Single figures of an episode, read from its row; None is not scored or not known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from benchmarks.results.row import EpisodeRow
from benchmarks.specs import main_score


def score(row: EpisodeRow) -> float | None:
    """Return the metric by which the benchmark is ranked."""
    return (row.metrics or {}).get(main_score(row.benchmark))


def tokens(row: EpisodeRow) -> float | None:
    """Return the tokens of all prompts, and those of the memory system's own calls: TN and MT."""
    metrics = row.metrics or {}
    read = metrics.get("TN")
    return None if read is None else read + (metrics.get("MT") or 0.0)


def model_calls(row: EpisodeRow) -> float | None:
    """Return the calls of language models."""
    return (row.cost or {}).get("calls")


def price(row: EpisodeRow) -> float | None:
    """Return what language models cost, in US dollars."""
    return (row.cost or {}).get("price")


def seconds(row: EpisodeRow) -> float | None:
    """Return the time that the episode took, of environment and policy together."""
    return None if row.seconds is None else sum(row.seconds.values())


def grounding(row: EpisodeRow) -> float | None:
    """Return the share of commands to the task that it understood and allowed; None without commands.

    This is AgentBoard's grounding accuracy.
    """
    commands = (row.tool_calls or {}).get("act", 0)
    return 1 - (row.errors or {}).get("invalid_command", 0) / commands if commands else None


def progress_after(row: EpisodeRow, turn: int) -> float | None:
    """Return the best progress after so many turns of stage 3; None if the row does not say.

    Args:
        row: The row.
        turn: The turn; later than the last one, it is the progress at the end.
    """
    if row.progress_by_turn is None:
        return None
    return max((p for when, p in row.progress_by_turn.items() if int(when) <= turn), default=0.0)


EFFORTS: Mapping[str, Callable[[EpisodeRow], float | None]] = MappingProxyType(
    {"tokens": tokens, "calls": model_calls, "price": price, "seconds": seconds}
)
"""What a score can cost."""
