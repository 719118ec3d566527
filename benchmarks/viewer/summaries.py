"""What the page is given: one summary per episode for its list, and whole episodes without repetition."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from benchmarks.scores.causes import CRASHED, succeeded
from benchmarks.specs import main_score, player_label
from benchmarks.trajectories.trajectory import EntryRecord, Trajectory


def summary(trajectory: Trajectory) -> dict[str, Any]:
    """Return what the list of episodes shows of one.

    What a row does not say yet, because the episode was never finished or crashed, is None.
    """
    return summary_of(
        trajectory.key, trajectory.spec, trajectory.row, task=trajectory.task.id, turns=trajectory.turns[-1].number
    )


def summary_of(
    key: str, spec: Mapping[str, Any], row: Mapping[str, Any] | None, *, task: str | None, turns: int | None
) -> dict[str, Any]:
    """Return what the list of episodes shows of one, given its name in the run, what was played and its row."""
    row = row or {}
    cost = row.get("cost") or {}
    return {
        "key": key,
        "benchmark": spec["benchmark"],
        "policy": player_label(spec["policy"], spec.get("memory")),
        "seed": spec["seed"],
        "task": row.get("task_id") or task,
        "outcome": outcome(row, spec["benchmark"]),
        "reward": row.get("reward"),
        "progress": row.get("progress"),
        "turns": turns if row.get("steps") is None else row["steps"],
        "tokens": row.get("tokens"),
        "errors": sum((row.get("errors") or {}).values()) if row else None,
        "price": cost.get("price"),
    }


def outcome(row: Mapping[str, Any], benchmark: str) -> str:
    """Return how an episode ended: ``success``, ``failure``, ``crashed`` or, without a row, ``unfinished``.

    What counts as success is what the report counts as solved.

    >>> outcome({}, "PDDL"), outcome({"error": None, "success": False}, "PDDL")
    ('unfinished', 'failure')
    """
    if not row:
        return "unfinished"
    if row.get("error") is not None:
        return CRASHED
    score = (row.get("metrics") or {}).get(main_score(benchmark))
    return "success" if succeeded(row.get("success"), score) else "failure"


def episode(trajectory: Trajectory) -> dict[str, Any]:
    """Return an episode as one JSON object in which every message and every version of an entry stands once."""
    versions: dict[str, int] = {}
    entries: list[dict[str, Any]] = []

    def number(entry: EntryRecord) -> int:
        """Return the place of a version of an entry, which it gets when it is first seen."""
        value = asdict(entry)
        name = json.dumps(value, sort_keys=True)
        if name not in versions:
            versions[name] = len(entries)
            entries.append(value)
        return versions[name]

    turns = []
    for turn in trajectory.turns:
        value = {name: getattr(turn, name) for name in turn.__dataclass_fields__ if name not in ("memory", "events")}
        value["memory"] = [number(entry) for entry in turn.memory]
        value["events"] = [asdict(event) for event in turn.events]
        turns.append(value)
    return {
        "summary": summary(trajectory),
        "spec": trajectory.spec,
        "max_tokens": trajectory.max_tokens,
        "task": asdict(trajectory.task),
        "messages": [asdict(message) for message in trajectory.messages],
        "entries": entries,
        "turns": turns,
        "row": trajectory.row,
    }
