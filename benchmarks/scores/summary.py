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
from benchmarks.scores.causes import failures
from benchmarks.scores.gain import Gain, gain, is_twin
from benchmarks.scores.intervals import Estimate, estimate, interquartile_mean, mean
from benchmarks.scores.measures import EFFORTS, grounding, progress_after, score
from benchmarks.specs import canonical, main_score

JUDGED = ("J", "MQ")
"""Metrics that depend on the judge."""

DIFFICULTIES = ("easy", "medium", "hard")
"""How hard a task can be said to be."""


@dataclass(frozen=True)
class Summary:
    """The episodes of one policy on one benchmark in one setting.

    Every property is a measure: it is declared here once and is in the JSON output under its name.

    Attributes:
        rows: The rows of all these episodes, at least one.
        without: Those of the same player without memory in the same setting; empty if nobody played it.
    """

    rows: tuple[EpisodeRow, ...]
    without: tuple[EpisodeRow, ...] = ()

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
        return _setting(next((row for row in self.rows if row.source is not None), self.rows[0]))

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
        return estimate(map(score, self.played))

    @cached_property
    def iqm(self) -> Estimate | None:
        """Mean of the middle half of the scores, with a 95 % interval."""
        return interquartile_mean([map(score, self.played)])

    @cached_property
    def gain(self) -> Gain | None:
        """What the player gains from memory; None if nobody played without."""
        return gain(self.rows, self.without)

    @cached_property
    def by_difficulty(self) -> Mapping[str, Estimate | None]:
        """Score of the tasks of each difficulty that somebody named."""
        named = {row.difficulty for row in self.played}
        return {
            level: estimate(score(row) for row in self.played if row.difficulty == level)
            for level in DIFFICULTIES
            if level in named
        }

    @cached_property
    def grounding(self) -> Estimate | None:
        """Share of an episode's commands that the task understood and allowed."""
        return estimate(map(grounding, self.played))

    @cached_property
    def progress_by_turn(self) -> Sequence[float | None]:
        """Mean progress after each turn of stage 3, from the first to the last that brought any in some episode."""
        last = max((int(turn) for row in self.played for turn in row.progress_by_turn or ()), default=0)
        return [mean(progress_after(row, turn) for row in self.played) for turn in range(1, last + 1)]

    @cached_property
    def failures(self) -> Mapping[str, int]:
        """Episodes that failed, by cause."""
        return {failure.cause: len(failure.rows) for failure in failures(self.rows)}

    @cached_property
    def score_of_all(self) -> float | None:
        """Mean score of all episodes, where those that crashed count as 0; None if no other was scored."""
        known = [value for row in self.played if (value := score(row)) is not None]
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

    @cached_property
    def effort(self) -> Mapping[str, float | None]:
        """What an episode takes on average, by the names of `EFFORTS`; None where it is not known of all of them."""
        return {name: _mean_if_all([effort(row) for row in self.played]) for name, effort in EFFORTS.items()}

    def measures(self) -> dict[str, Any]:
        """Return all measures by name."""
        names = [name for name, member in vars(Summary).items() if isinstance(member, cached_property)]
        return {name: getattr(self, name) for name in names}


def summarize(rows: Iterable[EpisodeRow]) -> list[Summary]:
    """Return a summary of each group of rows, groups in the order of their first row.

    Rows that repeat each other count once, and the last one counts.
    """
    counted = latest(rows).values()
    sources = {_asked(row): row.source for row in counted if row.source is not None}
    groups: dict[str, dict[str, list[EpisodeRow]]] = {}
    order: dict[tuple[str, str], None] = {}
    for row in counted:
        source = {} if row.source is not None else {"source": sources.get(_asked(row), row.env_kwargs.get("source"))}
        key = canonical([row.benchmark, {**_setting(row), **source}])
        groups.setdefault(key, {}).setdefault(row.spec.label, []).append(row)
        order[key, row.spec.label] = None
    return [Summary(tuple(groups[key][label]), _without(groups[key][label][0], groups[key])) for key, label in order]


def _without(row: EpisodeRow, players: Mapping[str, Sequence[EpisodeRow]]) -> tuple[EpisodeRow, ...]:
    """Return the rows of the twin without memory among players in the same setting."""
    return next((tuple(rows) for rows in players.values() if is_twin(row, rows[0])), ())


def common_setting(summaries: Sequence[Summary]) -> dict[str, Any]:
    """Return the part of the setting that all summaries share."""
    return common([summary.setting for summary in summaries])


def common(settings: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what all settings share.

    >>> common([{"a": 1, "b": 2}, {"a": 1, "b": 3}])
    {'a': 1}
    """
    absent = object()
    first = settings[0] if settings else {}
    return {name: value for name, value in first.items() if all(s.get(name, absent) == value for s in settings)}


def _setting(row: EpisodeRow) -> dict[str, Any]:
    source = {} if row.source is None else {"source": row.source}
    reward = {"split": row.split, "reward": row.reward_profile}
    return {**row.env_kwargs, **row.model, **reward, **source, "agemem_env": row.versions.get("agemem_env")}


def _asked(row: EpisodeRow) -> str:
    """Return the environment that was asked for, from which a row without a source has its tasks as well."""
    return canonical([row.env_id, row.env_kwargs])


def _names(tables: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for table in tables for name in table))


def _means(tables: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    return {name: mean(table.get(name) for table in tables) for name in _names(tables)}


def _known_means(tables: Sequence[Mapping[str, float | None]]) -> dict[str, float | None]:
    """Return means; None where a value is missing, since what is not known is not nothing."""
    return {name: _mean_if_all([table.get(name) for table in tables]) for name in _names(tables)}


def _mean_if_all(values: Sequence[float | None]) -> float | None:
    total = _sum(values)
    return None if total is None or not values else total / len(values)


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
