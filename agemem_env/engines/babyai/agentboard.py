"""AgentBoard's protocol: its levels and labels, how it words the goal, and the sub-goals that make its progress.

A label row, shortened::

    {"id": 0, "goal": "go to the red ball", "subgoals": ["There is a red ball ** right in front of you 1 steps away"],
     "additional_info": {"subtask": "BabyAI-GoToRedBallGrey-v0"}}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from agemem_env.engines.agentboard_labels import LabelFiles, difficulty, subgoals

ROUNDS = 30
"""Turn limit."""

FIRST_SEED = 1234
"""First of the four seeds of each level."""

SEEDS_PER_LEVEL = 4


def level_names(text: str) -> tuple[str, ...]:
    """Return the full names of levels, which stand between blanks in a text.

    >>> level_names("GoTo Open")
    ('BabyAI-GoTo-v0', 'BabyAI-Open-v0')
    """
    return tuple(f"BabyAI-{name}-v0" for name in text.split())


AGENTBOARD_LEVELS = level_names(
    "GoToRedBallGrey GoToRedBall GoToRedBallNoDists GoToObjS6 GoToLocalS8N7 GoToObjMazeS7 GoToImpUnlock GoToSeqS5R2 "
    "GoToRedBlueBall GoToDoor GoToObjDoor Open OpenRedDoor OpenDoorLoc OpenRedBlueDoorsDebug OpenDoorsOrderN4Debug "
    "Pickup UnblockPickup PickupLoc PickupDistDebug PickupAbove Unlock UnlockLocalDist UnlockPickupDist "
    "BlockedUnlockPickup UnlockToUnlock FindObjS7 KeyCorridorS6R3"
)
"""AgentBoard's 28 levels in its order; row ``4 * i + j`` is level ``i`` with seed ``1234 + j``."""

_PINNED: Mapping[str, str] = MappingProxyType({"BabyAI-GoToObjS6-v0": "BabyAI-GoToObjS4-v0"})
"""AgentBoard's name of a level, mapped to today's name where they differ: the minigrid that it pins gave the level
``GoToObjS6`` rooms of size 4."""


def agentboard_world(level: str) -> str:
    """Return the level in whose worlds AgentBoard's rows of a level are played.

    >>> agentboard_world("BabyAI-GoToObjS6-v0"), agentboard_world("BabyAI-Open-v0")
    ('BabyAI-GoToObjS4-v0', 'BabyAI-Open-v0')
    """
    return _PINNED.get(level, level)


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
        difficulty: ``easy`` or ``hard``; None if it does not say.
    """

    row: int
    level: str
    seed: int
    goal: str
    subgoals: tuple[str, ...]
    alternatives: tuple[str, ...]
    difficulty: str | None = None


def _label(row: int, data: Mapping[str, Any]) -> BabyAILabel:
    return BabyAILabel(
        row=row,
        level=str(data["additional_info"]["subtask"]),
        seed=FIRST_SEED + row % SEEDS_PER_LEVEL,
        goal=str(data["goal"]),
        subgoals=subgoals(data["subgoals"]),
        alternatives=subgoals(data.get("subgoals_1") or data["additional_info"].get("subgoals_1") or []),
        difficulty=difficulty(data),
    )


LABELS = LabelFiles("babyai", _label, "use source='generated'")
"""The labels in the data folder."""


def plain_goal(mission: str) -> str:
    """Return an instruction as AgentBoard words it.

    >>> plain_goal("open the red door, then go to the key")
    'open the red door, and go to the key'
    """
    return mission.replace("then", "and").replace("after you", "and")


def matches(pattern: str, observation: str) -> bool:
    """Return whether one sentence of an observation contains all pieces of a pattern.

    >>> matches("There is a red ball ** right in front of you 1 steps away.", "There is a red ball 2 right in front of "
    ... "you 1 steps away.  You are not carrying anything.")
    True
    """
    bare = pattern.strip()
    pieces = [piece.strip(".") for piece in bare.split("**" if "**" in bare else "*")]
    return any(all(piece in sentence for piece in pieces) for sentence in observation.split("."))


@dataclass(frozen=True, slots=True)
class BabyAISubGoals:
    """Sub-goals of an episode and which of them are still open.

    Attributes:
        patterns: For each sub-goal the patterns of which one has to be seen.
        open: Indices of the sub-goals not yet reached.
    """

    patterns: tuple[tuple[str, ...], ...]
    open: tuple[int, ...]

    @classmethod
    def of(cls, subgoals: Sequence[str], alternatives: Sequence[str] = ()) -> BabyAISubGoals:
        """Return all sub-goals, open.

        Args:
            subgoals: One pattern per sub-goal.
            alternatives: Second patterns, position by position; may be shorter.
        """
        pairs = tuple((p, *alternatives[i : i + 1]) for i, p in enumerate(subgoals))
        return cls(pairs, tuple(range(len(pairs))))

    @property
    def progress(self) -> float:
        """Share of the sub-goals reached, in [0, 1]."""
        return (len(self.patterns) - len(self.open)) / len(self.patterns)

    def after(self, observation: str) -> BabyAISubGoals:
        """Return the sub-goals after an observation, which reaches at most one: the first in the list."""
        for index in self.open:
            if any(matches(pattern, observation) for pattern in self.patterns[index]):
                return BabyAISubGoals(self.patterns, tuple(i for i in self.open if i != index))
        return self
