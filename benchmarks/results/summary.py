"""From rows to averages: one `Summary` per benchmark, policy and setting.

Crashed episodes are counted and never averaged. What was not scored is None and leaves the mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.results.file import EpisodeRow, latest
from benchmarks.results.intervals import Estimate, estimate, mean
from benchmarks.specs import canonical, main_score


@dataclass(frozen=True)
class Summary:
    """The episodes of one policy on one benchmark in one setting.

    Attributes:
        benchmark: Name of the benchmark.
        policy: Name of the policy.
        setting: Arguments of the environment, source of the tasks, and version of agemem_env.
        episodes: Episodes that were played to their end.
        failed: Episodes that crashed.
        score_name: Metric by which the benchmark is ranked.
        score: Its mean with a 95 % interval.
        reward: Mean reward of an episode.
        components: Mean reward components and their parts.
        metrics: Mean metrics.
        tool_calls: Mean calls of each tool per episode.
        errors: Mean number of the agent's mistakes per episode.
        steps_per_second: Turns per second of the environment's time, resets included.
        cost: Mean cost of language models per episode, as in `EpisodeRow`; None where a price is not known.
        memory_cost: The memory system's share of it.
        price: What all episodes cost together, crashed ones included, in US dollars; None if not known.
    """

    benchmark: str
    policy: str
    setting: Mapping[str, Any]
    episodes: int
    failed: int
    score_name: str
    score: Estimate | None
    reward: float | None
    components: Mapping[str, float | None]
    metrics: Mapping[str, float | None]
    tool_calls: Mapping[str, float]
    errors: float | None
    steps_per_second: float | None
    cost: Mapping[str, float | None]
    memory_cost: Mapping[str, float | None]
    price: float | None


def summarize(rows: Iterable[EpisodeRow]) -> list[Summary]:
    """Return a summary of each group of rows, groups in the order of their first row.

    Rows that repeat each other count once, and the last one counts.
    """
    groups: dict[str, list[EpisodeRow]] = {}
    for row in latest(rows).values():
        key = canonical([row.benchmark, row.spec.label, _setting(row)])
        groups.setdefault(key, []).append(row)
    return [_summary(group) for group in groups.values()]


def common_setting(summaries: Sequence[Summary]) -> dict[str, Any]:
    """Return the part of the setting that all summaries share."""
    first = summaries[0].setting if summaries else {}
    absent = object()
    return {
        name: value for name, value in first.items() if all(s.setting.get(name, absent) == value for s in summaries)
    }


def _setting(row: EpisodeRow) -> dict[str, Any]:
    source = {} if row.source is None else {"source": row.source}
    reward = {"split": row.split, "reward": row.reward_profile}
    return {**row.env_kwargs, **row.model, **reward, **source, "agemem_env": row.versions.get("agemem_env")}


def _summary(group: Sequence[EpisodeRow]) -> Summary:
    first = group[0]
    rows = [row for row in group if row.error is None]
    score_name = main_score(first.benchmark)
    seconds = sum((row.seconds or {}).get("env", 0.0) for row in rows)
    calls = [row.tool_calls or {} for row in rows]
    return Summary(
        benchmark=first.benchmark,
        policy=first.spec.label,
        setting=_setting(first),
        episodes=len(rows),
        failed=len(group) - len(rows),
        score_name=score_name,
        score=estimate((row.metrics or {}).get(score_name) for row in rows),
        reward=mean(row.reward for row in rows),
        components=_means([row.reward_components or {} for row in rows]),
        metrics=_means([row.metrics or {} for row in rows]),
        tool_calls={name: sum(c.get(name, 0) for c in calls) / len(rows) for name in _names(calls)},
        errors=mean(sum((row.errors or {}).values()) for row in rows),
        steps_per_second=sum(row.steps or 0 for row in rows) / seconds if seconds else None,
        cost=_known_means([row.cost or {} for row in rows]),
        memory_cost=_known_means([row.memory_cost or {} for row in rows]),
        price=_sum([row.cost.get("price") for row in group if row.cost is not None]),
    )


def _names(tables: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for table in tables for name in table))


def _means(tables: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    return {name: mean(table.get(name) for table in tables) for name in _names(tables)}


def _known_means(tables: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Return means; None where a value is missing, since what is not known is not nothing."""
    sums = {name: _sum([table.get(name) for table in tables]) for name in _names(tables)}
    return {name: None if value is None else value / len(tables) for name, value in sums.items()}


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
