"""Replay of BabyAI recordings: AgentBoard's protocol, in worlds found by level and seed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np

from agemem_env.engines import TaskEngine
from agemem_env.engines.agentboard_labels import subgoals
from agemem_env.engines.babyai.agentboard import (
    AGENTBOARD_LEVELS,
    FIRST_SEED,
    LABELS,
    SEEDS_PER_LEVEL,
    BabyAILabel,
    agentboard_world,
)
from agemem_env.engines.babyai.engine import BabyAIEngine
from agemem_env.engines.babyai.package import check_level
from agemem_env.engines.babyai.tasks import BabyAISpec, bare_task
from agemem_env.errors import ConfigurationError, DataError
from benchmarks.replay.dialect import Dialect
from benchmarks.replay.records import Record
from benchmarks.replay.replay import ReplayAdapter

_WHOLE = Dialect(name="success means progress 1", whole_success=True)
_COMPLETED = "The task is completed."


class BabyAIReplay(ReplayAdapter):
    """Takes level, seed and sub-goals from the record: ``game_name`` and ``seed`` (or ``id``), and ``subgoals``.

    Sub-goals that it lacks come from AgentBoard's label with its id, or else with its level and seed, where labels
    are present. So do second sub-goals; some harnesses do without them.
    """

    def __init__(self) -> None:
        labels = LABELS.read() if LABELS.paths() else []
        self._rows = {label.row: label for label in labels}
        self._worlds = {_world(label): label for label in labels}
        self._engine = BabyAIEngine(split="test", source="generated", protocol="agentboard")

    def readings(self, record: Record) -> Iterator[Record]:
        """Yield the record in the worlds of AgentBoard's minigrid and of today's, with second sub-goals and without."""
        name = _level(record)
        names = dict.fromkeys((agentboard_world(name), name))
        without: list[dict[str, Any]] = [{}] if "subgoals_1" in record else [{}, {"subgoals_1": []}]
        for game_name, rest in product(names, without):
            yield {**record, "game_name": game_name, **rest}

    def start(self, record: Record) -> tuple[TaskEngine, str]:
        """Return the engine at the start of the recorded episode."""
        try:
            spec = self._spec(record)
        except (LookupError, TypeError, ValueError, ConfigurationError) as error:
            raise DataError(f"the recording does not name a level, seed and sub-goals: {error}") from error
        return self._engine, self._engine.reset(bare_task(spec), np.random.default_rng(0), briefed=False)

    def dialect(self, record: Record) -> Dialect:
        """Return whether the record calls an episode no success that the game ended as one."""
        last = record["steps"][-1] if record["steps"] else {}
        ended = bool(last.get("done")) or _COMPLETED in last.get("observation", "")
        return _WHOLE if ended and record.get("success") is False else Dialect()

    def same(self, action: str, recorded: str, played: str) -> bool:
        """Return whether two observations are equal; nothing in them is unordered."""
        return recorded == played

    def _spec(self, record: Record) -> BabyAISpec:
        """Return the world of a record and how it is scored.

        Raises:
            ConfigurationError: If there is no such level.
            LookupError: If something is missing.
            TypeError, ValueError: If something is of another kind.
        """
        level = check_level(_level(record))
        seed = int(record["seed"] if record.get("seed") is not None else FIRST_SEED + record["id"] % SEEDS_PER_LEVEL)
        label = self._label(record, level, seed)
        own = record.get("subgoals")
        if own is None and label is None:
            raise KeyError("'subgoals', and AgentBoard's labels have no row for it")
        patterns = label.subgoals if own is None and label is not None else subgoals(own)
        if not patterns:
            raise ValueError("no sub-goals")
        second = record.get("subgoals_1")
        alternatives = (label.alternatives if label else ()) if second is None else subgoals(second)
        return BabyAISpec(level, seed, str(record.get("goal", "")), patterns, alternatives)

    def _label(self, record: Record, level: str, seed: int) -> BabyAILabel | None:
        """Return the label with the record's id, or else that of its world, if it is there."""
        world = (agentboard_world(level), seed)
        label = self._rows.get(record["id"]) if isinstance(record.get("id"), int) else None
        agrees = label is not None and _world(label) == world
        return label if agrees else self._worlds.get(world)


def _world(label: BabyAILabel) -> tuple[str, int]:
    level = check_level(label.level)
    return agentboard_world(level), label.seed


def _level(record: Record) -> str:
    """Return the level that a record names, or that of AgentBoard's row with its id; empty if there is neither."""
    row = record.get("id")
    if record.get("game_name") is not None:
        return str(record["game_name"])
    if type(row) is int and 0 <= row < len(AGENTBOARD_LEVELS) * SEEDS_PER_LEVEL:
        return AGENTBOARD_LEVELS[row // SEEDS_PER_LEVEL]
    return ""
