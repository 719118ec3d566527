"""Replay of ScienceWorld recordings: AgentBoard's protocol, progress from the recorded texts.

The recordings were made in a Java machine whose listings and ambiguous choices come in an order that changes from run
to run, and with temperatures that differ by a degree. Observations are the same if they differ in nothing else, and
the number that answers a recorded choice is looked up among the choices now.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from agemem_env.engines.sciworld.agentboard import HELP, AgentBoardGame, SciWorldSubGoals
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.errors import ConfigurationError, DataError
from benchmarks.replay.replay import Played, Record, ReplayAdapter

DEGREES = 1
"""Difference up to which two temperatures are the same."""

_TEMPERATURE = re.compile(r"(?<=a temperature of )-?\d+(?= degrees celsius)")
_CHOICE = re.compile(r"^(\d+):\t(.*)$", re.MULTILINE)
_PIECE = re.compile(r", |: |\. ")


class SciWorldReplay(ReplayAdapter):
    """Takes task, variation and sub-goals from the record: ``task_name``, ``var`` and ``subgoals``."""

    def __init__(self) -> None:
        self._game = AgentBoardGame(SciWorldSimulator())

    def start(self, record: Record) -> tuple[Played, str]:
        """Return the game at the start of the recorded episode."""
        try:
            opening = self._game.start(record["task_name"], int(record["var"]), record["subgoals"])
        except (KeyError, TypeError, ValueError, ConfigurationError) as error:
            raise DataError(f"the recording does not name a task, variation and sub-goals: {error}") from error
        return self._game, opening

    def progress(self, record: Record) -> Callable[[str, str], float]:
        """Return what follows the recorded texts, whatever the simulator says now."""
        subgoals = SciWorldSubGoals.of(record["subgoals"])

        def after(action: str, observation: str) -> float:
            nonlocal subgoals
            if action.strip() != HELP:
                subgoals = subgoals.after(observation)
            return subgoals.progress

        return after

    def translate(self, action: str, recorded: str, played: str) -> str:
        """Return the number that the recorded choice has now."""
        chosen = dict(_CHOICE.findall(recorded)).get(action.strip())
        now = {choice: number for number, choice in reversed(_CHOICE.findall(played))}
        return now.get(chosen, action) if chosen is not None else action

    def same(self, action: str, recorded: str, played: str) -> bool:
        """Return whether two observations differ at most in the order of listings and by a degree."""
        if _shape(recorded) != _shape(played):
            return False
        pairs = zip(_temperatures(recorded), _temperatures(played), strict=True)
        return all(abs(a - b) <= DEGREES for a, b in pairs)


def _shape(text: str) -> Counter[tuple[str, ...]]:
    """Return the lines of a text in no order, each as its pieces in no order, without numbers that may differ."""
    bare = _TEMPERATURE.sub("#", _CHOICE.sub(r"\2", text))
    return Counter(tuple(sorted(_PIECE.split(line.strip(" .\t")))) for line in bare.splitlines())


def _temperatures(text: str) -> list[int]:
    return sorted(int(number) for number in _TEMPERATURE.findall(text))
