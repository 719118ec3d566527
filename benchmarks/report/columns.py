"""The columns of the results tables. A column is one entry of a list here; tables, JSON, legend and docs follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from benchmarks.scores.intervals import Estimate
from benchmarks.scores.summary import Summary

NOT_SCORED = "–"


def number(value: float | None, digits: int) -> str:
    """Return a number with so many digits after the point, or a dash for None.

    >>> number(0.5, 2), number(None, 2)
    ('0.50', '–')
    """
    return NOT_SCORED if value is None else f"{value:.{digits}f}"


def shortened(text: str, limit: int) -> str:
    """Return a text of at most so many characters; one that is longer ends in dots.

    >>> shortened("a long name", 7), shortened("short", 7)
    ('a long…', 'short')
    """
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def interval(score: Estimate | None) -> str:
    """Return a mean and its interval.

    >>> interval(Estimate(0.8, 0.49, 0.943, 10, "wilson")), interval(None)
    ('0.80 [0.49, 0.94]', '–')
    """
    if score is None or score.low is None:
        return number(None if score is None else score.mean, 2)
    return f"{score.mean:.2f} [{number(score.low, 2)}, {number(score.high, 2)}]"


def digits(count: int) -> Callable[[float | None], str]:
    """Return what writes a number with so many digits after the point.

    >>> digits(1)(2.25)
    '2.2'
    """
    return partial(number, digits=count)


def _always(summaries: Sequence[Summary]) -> bool:
    return True


def _without_models(summaries: Sequence[Summary]) -> bool:
    return not any(summary.cost.get("calls") for summary in summaries)


def _with_failures(summaries: Sequence[Summary]) -> bool:
    return any(summary.failed for summary in summaries)


@dataclass(frozen=True)
class Column:
    """A column of a table of summaries.

    Attributes:
        name: Its heading, and its name in JSON.
        legend: What it means; neighbours with the same text are explained together.
        value: Where it comes from: returns a JSON value, which may hold an `Estimate`; None if not scored.
        cell: Returns the text for a value.
        shown: Whether a table of these summaries has the column.

    Example:
        >>> Column("Turns", "turns per episode", lambda s: mean(row.steps for row in s.played), digits(1)).name
        'Turns'
    """

    name: str
    legend: str
    value: Callable[[Summary], Any]
    cell: Callable[[Any], str]
    shown: Callable[[Sequence[Summary]], bool] = _always


def _component(name: str) -> Callable[[Summary], float | None]:
    return lambda summary: summary.components.get(name)


def _memory_tokens(summary: Summary) -> float:
    counts = (summary.memory_cost.get(part) for part in ("prompt_tokens", "completion_tokens"))
    return sum(count or 0 for count in counts)


_REWARD = "reward and its components: task, context, memory, penalty"
_PER_EPISODE = "memory tool calls of the agent and prompt tokens, per episode"
_CALLS = "calls of language models per episode, and their tokens, as the service counts them"
_DOLLARS = f"US dollars per episode, with judge and other services, and of all together; {NOT_SCORED} if not known"
_SHARE = "what of that the memory system's own calls had, and the seconds they took"

COLUMNS: tuple[Column, ...] = (
    Column(
        "n",
        "episodes played to their end; +k: k more crashed and are in no average",
        lambda s: {"episodes": s.episodes, "failed": s.failed},
        lambda n: f"{n['episodes']}+{n['failed']}" if n["failed"] else str(n["episodes"]),
    ),
    Column(
        "Score [95 % CI]",
        "the metric that ranks the benchmark, with a 95 % interval: Wilson if all values are 0 or 1, else bootstrap; "
        "in brackets the judge",
        lambda s: {"metric": s.named(s.score_name), "estimate": s.score},
        lambda score: f"{score['metric']} {interval(score['estimate'])}",
    ),
    Column(
        "Of all",
        "the same mean over all episodes, where those that crashed count as 0; shown if some did",
        lambda s: s.score_of_all,
        digits(2),
        _with_failures,
    ),
    Column("R", _REWARD, lambda s: s.reward, digits(2)),
    Column("Task", _REWARD, _component("task"), digits(2)),
    Column("Ctx", _REWARD, _component("context"), digits(2)),
    Column("Mem", _REWARD, _component("memory"), digits(2)),
    Column("Pen", _REWARD, _component("penalty"), digits(2)),
    Column("TC", _PER_EPISODE, lambda s: s.metrics.get("TC"), digits(1)),
    Column("TN", _PER_EPISODE, lambda s: s.metrics.get("TN"), digits(0)),
    Column(
        "Steps/s",
        "turns per second of the environment's time; left out where models play",
        lambda s: s.steps_per_second,
        digits(0),
        _without_models,
    ),
)
"""Columns of the table of results, behind benchmark and policy."""

COST_COLUMNS: tuple[Column, ...] = (
    Column("Calls", _CALLS, lambda s: s.cost.get("calls"), digits(1)),
    Column("Prompt", _CALLS, lambda s: s.cost.get("prompt_tokens"), digits(0)),
    Column("Reply", _CALLS, lambda s: s.cost.get("completion_tokens"), digits(0)),
    Column("$", _DOLLARS, lambda s: s.cost.get("price"), digits(4)),
    Column("$ all", _DOLLARS, lambda s: s.price, digits(2)),
    Column("M calls", _SHARE, lambda s: s.memory_cost.get("calls"), digits(1)),
    Column("M tokens", _SHARE, _memory_tokens, digits(0)),
    Column("M $", _SHARE, lambda s: s.memory_cost.get("price"), digits(4)),
    Column("M s", _SHARE, lambda s: s.memory_cost.get("seconds"), digits(1)),
)
"""Columns of the table of costs, which is there if language models were called."""
