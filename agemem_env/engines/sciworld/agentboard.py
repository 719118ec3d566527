"""AgentBoard's protocol: its labels, what it does to commands and observations, and the sub-goals that it counts.

A label row, shortened::

    {"id": 36, "goal": "Your task is to boil apple juice ...", "difficulty": "hard",
     "subgoals": ["You move to the kitchen.", "gaseous apple juice"],
     "additional_info": {"var": 8, "env_name": "boil"}}
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agemem_env.engines.agentboard_labels import LabelFiles, difficulty, subgoals
from agemem_env.engines.sciworld.package import installation
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.types import EngineStep

ROUNDS = 30
"""Turn limit."""

HELP = "check valid actions"
"""The command that asks for the valid actions."""

_LISTED = "Choose an action from these valid actions: "
_OPENS_CONTAINERS = (1, 2, 3)
_RETAINED = "selfWateringFlowerPots,openDoors,noElectricalAction"
_NAMED = "selfWateringFlowerPots,openContainers,openDoors,noElectricalAction"


def simplifications() -> str:
    """Return the simplifications under which the installed version plays as AgentBoard's did.

    AgentBoard names ``openContainers`` too, which had no effect before version 1.2.3. Eleven of its task types have a
    sub-goal that a container is opened.
    """
    return _RETAINED if installation().release >= _OPENS_CONTAINERS else _NAMED


@dataclass(frozen=True, slots=True)
class SciWorldLabel:
    """One row.

    Attributes:
        row: Its number, 0 to 89.
        task: ScienceWorld's name of the task.
        variation: Its number.
        goal: The task in AgentBoard's words.
        subgoals: Regular expressions.
        difficulty: ``easy`` or ``hard``; None if it does not say.
    """

    row: int
    task: str
    variation: int
    goal: str
    subgoals: tuple[str, ...]
    difficulty: str | None = None


def _label(row: int, data: Mapping[str, Any]) -> SciWorldLabel:
    place = data["additional_info"]
    patterns = subgoals(data["subgoals"])
    SciWorldSubGoals.of(patterns)
    return SciWorldLabel(row, str(place["env_name"]), int(place["var"]), str(data["goal"]), patterns, difficulty(data))


LABELS = LabelFiles("scienceworld", _label, "use protocol='agemem'")
"""The labels in the data folder."""


@dataclass(frozen=True, slots=True)
class SciWorldSubGoals:
    """The sub-goals of an episode and which of them were seen, in whatever order.

    Attributes:
        patterns: What is looked for in every observation but the first.
        seen: Indices of those found so far.
    """

    patterns: tuple[re.Pattern[str], ...]
    seen: frozenset[int] = frozenset()

    @classmethod
    def of(cls, texts: Sequence[str]) -> SciWorldSubGoals:
        """Return sub-goals of which none was seen.

        Raises:
            ValueError: If there are none, or one is not a regular expression.
        """
        if not texts:
            raise ValueError("an episode needs at least one sub-goal")
        try:
            return cls(tuple(re.compile(text) for text in texts))
        except re.error as error:
            raise ValueError(f"{error.pattern!r} is not a regular expression: {error}") from error

    @property
    def progress(self) -> float:
        """Share of the sub-goals seen, in [0, 1].

        >>> SciWorldSubGoals.of(["You move", "a [0-9]+"]).after("You move it.").after("Nothing.").progress
        0.5
        """
        return len(self.seen) / len(self.patterns)

    @property
    def complete(self) -> bool:
        """Whether all were seen, which ends the episode."""
        return len(self.seen) == len(self.patterns)

    def after(self, observation: str) -> SciWorldSubGoals:
        """Return the sub-goals after an observation."""
        found = (i for i, pattern in enumerate(self.patterns) if pattern.search(observation))
        return SciWorldSubGoals(self.patterns, self.seen.union(found))


class AgentBoardGame:
    """An episode under AgentBoard's protocol. The simulator's own score and end do not count.

    Args:
        simulator: Plays it; may be used again for the next.
    """

    def __init__(self, simulator: SciWorldSimulator) -> None:
        self._simulator = simulator
        self._subgoals = SciWorldSubGoals(())

    def start(self, task: str, variation: int, subgoals: Sequence[str]) -> str:
        """Start an episode and return its first observation.

        Raises:
            ConfigurationError: If there is no such task or variation.
            EngineCrash: If the simulator fails.
        """
        self._subgoals = SciWorldSubGoals.of(subgoals)
        text = self._simulator.load(task, variation, simplifications())
        return f"{text}\n{self._simulator.inventory()}"

    def step(self, command: str) -> EngineStep:
        """Take an input, which is valid if it is a request for help or among the valid actions after it.

        AgentBoard looks after the step, not before: a command that made itself impossible counts as invalid.

        Raises:
            EngineCrash: If the simulator fails.
        """
        bare = command.strip()
        if bare == HELP:
            return self._result(_LISTED + ", ".join(self.help()), valid=True)
        text = self._simulator.step(bare).text
        self._subgoals = self._subgoals.after(text)
        return self._result(text, valid=bare in self._simulator.valid_actions())

    def help(self) -> list[str]:
        """Return the forms of commands that a request for help lists."""
        return [*(form for form in self._simulator.templates() if "reset" not in form), HELP]

    def _result(self, text: str, *, valid: bool) -> EngineStep:
        complete = self._subgoals.complete
        return EngineStep(text, self._subgoals.progress, done=complete, success=complete, valid=valid)
