"""From rows to averages: one `Summary` per benchmark, policy and setting.

Crashed episodes are counted and never averaged. What was not scored is None and leaves the mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agemem_env.config import EnvConfig
from benchmarks.results.file import latest
from benchmarks.results.row import EpisodeRow
from benchmarks.scores.intervals import Estimate, estimate, mean
from benchmarks.specs import canonical, main_score

JUDGED = ("J", "MQ")
"""Metrics that depend on the judge."""


@dataclass(frozen=True)
class Summary:
    """The episodes of one policy on one benchmark in one setting.

    Every property is a measure: it is declared here once and is in the JSON output under its name.

    Attributes:
        rows: The rows of all these episodes, at least one.
    """

    rows: tuple[EpisodeRow, ...]

    @property
    def played(self) -> list[EpisodeRow]:
        """The rows of the episodes that were played to their end."""
        return [row for row in self.rows if row.error is None]

    @cached_property
    def benchmark(self) -> str:
        """Name of the benchmark."""
        return self.rows[0].benchmark

    @cached_property
    def policy(self) -> str:
        """Name of the policy, with the memory system around it."""
        return self.rows[0].spec.label

    @cached_property
    def setting(self) -> Mapping[str, Any]:
        """Arguments of the environment, source of the tasks, and version of agemem_env."""
        return _setting(self.rows[0])

    @cached_property
    def episodes(self) -> int:
        """Episodes that were played to their end."""
        return len(self.played)

    @cached_property
    def failed(self) -> int:
        """Episodes that crashed."""
        return len(self.rows) - self.episodes

    @cached_property
    def score_name(self) -> str:
        """Metric by which the benchmark is ranked."""
        return main_score(self.benchmark)

    @cached_property
    def judge(self) -> str:
        """Name of the judge that J and MQ depend on."""
        asked = self.rows[0].env_kwargs.get("judge", EnvConfig.judge)
        given = asked.get("name") if isinstance(asked, Mapping) else asked
        return next((row.judge for row in self.played if row.judge), str(given))

    def named(self, metric: str) -> str:
        """Return the name of a metric, with that of the judge if it depends on one: ``J (lexical)``."""
        return f"{metric} ({self.judge.removeprefix('openai:')})" if metric in JUDGED else metric

    @cached_property
    def judge_failures(self) -> int:
        """Questions that the judge could not answer, in all episodes; what hung on them is not scored."""
        return sum((row.service_faults or {}).get("judge", 0) for row in self.rows)

    @cached_property
    def score(self) -> Estimate | None:
        """Its mean with a 95 % interval."""
        return estimate((row.metrics or {}).get(self.score_name) for row in self.played)

    @cached_property
    def score_of_all(self) -> float | None:
        """Mean score of all episodes, where those that crashed count as 0; None if no other was scored."""
        known = [value for row in self.played if (value := (row.metrics or {}).get(self.score_name)) is not None]
        return mean([*known, *[0.0] * self.failed]) if known or not self.played else None

    @cached_property
    def reward(self) -> float | None:
        """Mean reward of an episode."""
        return mean(row.reward for row in self.played)

    @cached_property
    def components(self) -> Mapping[str, float | None]:
        """Mean reward components and their parts."""
        return _means([row.reward_components or {} for row in self.played])

    @cached_property
    def metrics(self) -> Mapping[str, float | None]:
        """Mean metrics."""
        return _means([row.metrics or {} for row in self.played])

    @cached_property
    def tool_calls(self) -> Mapping[str, float]:
        """Mean calls of each tool per episode."""
        calls = [row.tool_calls or {} for row in self.played]
        return {name: sum(c.get(name, 0) for c in calls) / len(calls) for name in _names(calls)}

    @cached_property
    def errors(self) -> float | None:
        """Mean number of the agent's mistakes per episode."""
        return mean(sum((row.errors or {}).values()) for row in self.played)

    @cached_property
    def steps_per_second(self) -> float | None:
        """Turns per second of the environment's time, resets included."""
        seconds = sum((row.seconds or {}).get("env", 0.0) for row in self.played)
        return sum(row.steps or 0 for row in self.played) / seconds if seconds else None

    @cached_property
    def cost(self) -> Mapping[str, float | None]:
        """Mean cost of language models per episode, as in `EpisodeRow`; None where a price is not known."""
        return _known_means([row.cost or {} for row in self.played])

    @cached_property
    def memory_cost(self) -> Mapping[str, float | None]:
        """The memory system's share of it."""
        return _known_means([row.memory_cost or {} for row in self.played])

    @cached_property
    def price(self) -> float | None:
        """What all episodes cost together, crashed ones included, in US dollars; None if not known."""
        return _sum([row.cost.get("price") for row in self.rows if row.cost is not None])

    def measures(self) -> dict[str, Any]:
        """Return all measures by name."""
        names = [name for name, member in vars(Summary).items() if isinstance(member, cached_property)]
        return {name: getattr(self, name) for name in names}


def summarize(rows: Iterable[EpisodeRow]) -> list[Summary]:
    """Return a summary of each group of rows, groups in the order of their first row.

    Rows that repeat each other count once, and the last one counts.
    """
    groups: dict[str, list[EpisodeRow]] = {}
    for row in latest(rows).values():
        key = canonical([row.benchmark, row.spec.label, _setting(row)])
        groups.setdefault(key, []).append(row)
    return [Summary(tuple(group)) for group in groups.values()]


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
