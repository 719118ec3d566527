"""The metrics of a finished episode: scores without a weight (section 4 of the paper).

Metrics are averaged over episodes by whoever collects them; None means that a metric does not apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agemem_env.episode.view import EpisodeView, Metric
from agemem_env.rewards.base import if_judged
from agemem_env.rewards.memory import outdated_gold, stored_entries
from agemem_env.services.judges import Judge
from agemem_env.types import FinishedTask, TaskMetric


def success_rate(view: EpisodeView, judge: Judge) -> float:
    """SR: 1 if the task is solved, else 0."""
    return float(view.success)


def progress_rate(view: EpisodeView, judge: Judge) -> float:
    """PR: the engine's best progress, in [0, 1]."""
    return view.progress


def judged_answer(view: EpisodeView, judge: Judge) -> float | None:
    """J: the judge's score of the answer, in [0, 1]; 0 without an answer, None if no answer is expected."""
    if view.task.answer is None:
        return None
    if view.ledger.answer is None:
        return 0.0
    return judge.answer(view.task.query, view.ledger.answer, view.task.answer)


def memory_quality(view: EpisodeView, judge: Judge) -> float | None:
    """MQ: the judge's score, in [0, 1], of what memory held when the query came; None without stage 1."""
    if 1 not in view.stages:
        return None
    gold = [fact.text for fact in view.task.gold_facts]
    contents = [entry.content for entry in stored_entries(view)]
    return judge.memory(view.task.query, view.task.answer, contents, gold, outdated_gold(view.task)).quality


def prompt_tokens(view: EpisodeView, judge: Judge) -> float:
    """TN: prompt tokens of the episode, summed over its turns."""
    return float(sum(view.ledger.prompt_tokens))


def prompt_tokens_per_turn(view: EpisodeView, judge: Judge) -> float | None:
    """TN/turn: mean prompt tokens of a turn; None before the first turn."""
    turns = view.ledger.prompt_tokens
    return sum(turns) / len(turns) if turns else None


def tool_calls(view: EpisodeView, judge: Judge) -> float:
    """TC: calls of memory tools, the retrievals that the environment makes not among them."""
    return float(sum(view.ledger.calls[name] for name in view.memory_tools))


def memory_calls(view: EpisodeView, judge: Judge) -> float:
    """MC: model calls that the memory system made; the agent's own are not among them."""
    return float(view.ledger.memory_usage().calls)


def memory_tokens(view: EpisodeView, judge: Judge) -> float:
    """MT: tokens of the memory system's model calls, sent and received."""
    usage = view.ledger.memory_usage()
    return float(usage.prompt_tokens + usage.completion_tokens)


def memory_operations(view: EpisodeView, judge: Judge) -> float:
    """MO: operations of the memory system on the store: entries added, updated, deleted, and searches."""
    kinds = ("add", "update", "delete", "search")
    return float(sum(event.effect.kind in kinds for event in view.ledger.by("system")))


def memory_faults(view: EpisodeView, judge: Judge) -> float:
    """MF: replies of the memory system's model that could not be used, and unknown memory ids in them."""
    return float(view.ledger.faults("system").total())


COMMON: Mapping[str, Metric] = {
    "SR": success_rate,
    "PR": progress_rate,
    "J": judged_answer,
    "MQ": memory_quality,
    "TN": prompt_tokens,
    "TN/turn": prompt_tokens_per_turn,
    "TC": tool_calls,
    "MC": memory_calls,
    "MT": memory_tokens,
    "MO": memory_operations,
    "MF": memory_faults,
}
"""The metrics that every benchmark has."""


def measure(view: EpisodeView, judge: Judge, own: Mapping[str, TaskMetric]) -> dict[str, Any]:
    """Return the common metrics and the benchmark's own, by name; None too where the judge failed."""
    notes = tuple(entry.content for entry in stored_entries(view)) if 1 in view.stages else None
    finished = FinishedTask(view.task, view.ledger.answer, notes)
    common = {name: if_judged(metric, view, judge) for name, metric in COMMON.items()}
    return {**common, **{name: metric(finished) for name, metric in own.items()}}
