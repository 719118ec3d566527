"""AgentBoard's label rows: goal and sub-goals of its 112 episodes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agemem_env.data.locate import data_root
from agemem_env.engines.babyai.levels import FIRST_SEED, SEEDS_PER_LEVEL
from agemem_env.errors import DataError

FOLDER = "agentboard_labels"


@dataclass(frozen=True, slots=True)
class Label:
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
    return sorted((data_root() / FOLDER).glob("babyai*.jsonl"))


def read_labels() -> list[Label]:
    """Return all rows in order, each once.

    Raises:
        DataError: If there are none, or a line is not a label row.
    """
    rows: dict[int, Label] = {}
    for path in label_files():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if line.strip():
                label = _label(line, f"{path}:{number}")
                rows.setdefault(label.row, label)
    if not rows:
        place = data_root() / FOLDER
        raise DataError(f"no AgentBoard labels: put babyai.test.jsonl into {place}, or use source='generated'")
    return [rows[row] for row in sorted(rows)]


def _label(line: str, where: str) -> Label:
    try:
        data: dict[str, Any] = json.loads(line)
        row = int(data["id"])
        return Label(
            row=row,
            level=str(data["additional_info"]["subtask"]),
            seed=FIRST_SEED + row % SEEDS_PER_LEVEL,
            goal=str(data["goal"]),
            subgoals=_patterns(data["subgoals"]),
            alternatives=_patterns(data.get("subgoals_1") or data["additional_info"].get("subgoals_1") or []),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{where}: not a label row ({type(error).__name__}: {error})") from error


def _patterns(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise TypeError("sub-goals must be a list of texts")
    return tuple(value)
