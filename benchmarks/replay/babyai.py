"""Replay of BabyAI recordings: AgentBoard's protocol, in worlds found by level and seed."""

from __future__ import annotations

import numpy as np

from agemem_env.engines import TaskEngine
from agemem_env.engines.babyai.engine import BabyAIEngine
from agemem_env.engines.babyai.levels import FIRST_SEED, SEEDS_PER_LEVEL, agentboard_world
from agemem_env.engines.babyai.minigrid_package import check_level
from agemem_env.engines.babyai.official import label_files, read_labels
from agemem_env.engines.babyai.tasks import Spec, bare_task
from agemem_env.errors import ConfigurationError, DataError
from benchmarks.replay.replay import Record, ReplayAdapter


class BabyAIReplay(ReplayAdapter):
    """Takes level, seed and sub-goals from the record: ``game_name``, ``seed`` (or ``id``) and ``subgoals``.

    Second sub-goals, which records lack, come from AgentBoard's labels where those are present.
    """

    def __init__(self) -> None:
        labels = read_labels() if label_files() else []
        self._alternatives = {(check_level(label.level), label.seed): label.alternatives for label in labels}
        self._engine = BabyAIEngine(split="test", source="generated", protocol="agentboard")

    def start(self, record: Record) -> tuple[TaskEngine, str]:
        """Return the engine at the start of the recorded episode."""
        try:
            level = check_level(record["game_name"])
            seed = int(record["seed"] if "seed" in record else FIRST_SEED + record["id"] % SEEDS_PER_LEVEL)
            subgoals = tuple(record["subgoals"])
            alternatives = tuple(record.get("subgoals_1") or self._alternatives.get((level, seed), ()))
        except (KeyError, TypeError, ValueError, ConfigurationError) as error:
            raise DataError(f"the recording does not name a level, seed and sub-goals: {error}") from error
        spec = Spec(level, seed, str(record.get("goal", "")), subgoals, alternatives, agentboard_world(level))
        task = bare_task(spec)
        return self._engine, self._engine.reset(task, np.random.default_rng(0), briefed=False)

    def same(self, action: str, recorded: str, played: str) -> bool:
        """Return whether two observations are equal; nothing in them is unordered."""
        return recorded == played
