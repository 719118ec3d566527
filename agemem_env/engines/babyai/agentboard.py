"""AgentBoard's label rows: goal and sub-goals of its 112 episodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agemem_env.engines import agentboard_labels
from agemem_env.engines.agentboard_labels import subgoals
from agemem_env.engines.babyai.levels import FIRST_SEED, SEEDS_PER_LEVEL


@dataclass(frozen=True, slots=True)
class BabyAILabel:
    """One row.

    Attributes:
        row: Its number, 0 to 111.
        level: The level, ``BabyAI-<level>-v0``.
        seed: The world's number.
        goal: The instruction.
        subgoals: Patterns.
        alternatives: Second patterns, position by position; mostly empty.
    """

    row: int
    level: str
    seed: int
    goal: str
    subgoals: tuple[str, ...]
    alternatives: tuple[str, ...]


def label_files() -> list[Path]:
    """Return the label files in the data folder."""
    return agentboard_labels.label_files("babyai")


def read_labels() -> list[BabyAILabel]:
    """Return all rows in order, each once.

    Raises:
        DataError: If there are none, or a line is not a label row.
    """
    return agentboard_labels.read_labels("babyai", _label, "use source='generated'")


def _label(row: int, data: Mapping[str, Any]) -> BabyAILabel:
    return BabyAILabel(
        row=row,
        level=str(data["additional_info"]["subtask"]),
        seed=FIRST_SEED + row % SEEDS_PER_LEVEL,
        goal=str(data["goal"]),
        subgoals=subgoals(data["subgoals"]),
        alternatives=subgoals(data.get("subgoals_1") or data["additional_info"].get("subgoals_1") or []),
    )
