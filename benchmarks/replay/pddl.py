"""Replay of PDDL recordings: official problems, AgentBoard's protocol and one variant of it."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np

from agemem_env.engines import TaskEngine
from agemem_env.engines.pddl.engine import PDDLEngine
from agemem_env.engines.pddl.official import entries, folder
from agemem_env.errors import DataError
from benchmarks.replay.dialect import Dialect
from benchmarks.replay.records import Record
from benchmarks.replay.replay import ReplayAdapter

DIALECTS = (
    Dialect(
        name="GMemory",
        thoughts=("Ok. But you should not think too much!",),
        invalid=(
            "The action is not valid and therefore takes no effect. You should use `check valid actions.` command to "
            "get some clues!",
        ),
        outcome_rewards=True,
        help_words=("check", "look around"),
        partial_opening=True,
    ),
)
"""Harnesses that recorded PDDL episodes."""

_COMMANDS = "Valid actions are: "
_OPENING = re.compile(r"(?:Here is your initial observation: )?(.*?)\s*(?:\n\*\*Here is your task: .*)?", re.DOTALL)
_SENTENCE = re.compile(r"(?<!\S)(?=[A-Z])")


class PDDLReplay(ReplayAdapter):
    """Finds problems by ``problem_file``, or by ``game_name`` and ``problem_index``."""

    dialects = DIALECTS

    def __init__(self) -> None:
        self._engine = PDDLEngine(split="test", source="official", protocol="agentboard")
        self._by_file = {entry.file: entry.id for entry in entries()}
        self._by_number = {(entry.kind, entry.number): entry.id for entry in entries()}

    def start(self, record: Record) -> tuple[TaskEngine, str]:
        """Return the engine at the start of the recorded problem."""
        kind, number = str(record.get("game_name")), record.get("problem_index")
        known = self._by_number.get((kind, number)) if isinstance(number, int) else None
        task_id = self._by_file.get(str(record.get("problem_file"))) or known
        if task_id is None:
            raise DataError(
                f"problem {record.get('problem_file') or (kind, number)} of the recording is not in {folder()}"
            )
        task = self._engine.tasks.get(task_id)
        return self._engine, self._engine.reset(task, np.random.default_rng(0), briefed=False)

    def same(self, action: str, recorded: str, played: str) -> bool:
        """Return whether two observations agree; lists of commands and of literals on request have no order."""
        if recorded.startswith(_COMMANDS) and played.startswith(_COMMANDS):
            return _listed(recorded) == _listed(played)
        if "look around" in action.lower():
            return _literals(recorded) == _literals(played)
        return recorded == played

    def same_opening(self, record: Record, played: str, dialect: Dialect) -> bool:
        """Return whether the first observations agree; a dialect may have left literals out."""
        match = _OPENING.fullmatch(record["initial_observation"])
        recorded = _literals(match[1] if match else record["initial_observation"])
        whole = _literals(played)
        return recorded <= whole if dialect.partial_opening else recorded == whole


def _listed(text: str) -> Counter[str]:
    return Counter(part.strip() for part in text.removeprefix(_COMMANDS).split(", "))


def _literals(text: str) -> Counter[str]:
    """Return the literals of a state text: each begins with the only capital letter in it."""
    return Counter(part.strip() for part in _SENTENCE.split(text) if part.strip())
