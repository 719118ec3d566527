"""Which levels and seeds belong to which split."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

FIRST_SEED = 1234
"""First of AgentBoard's four seeds of each level."""

SEEDS_PER_LEVEL = 4


def _names(text: str) -> tuple[str, ...]:
    return tuple(f"BabyAI-{name}-v0" for name in text.split())


AGENTBOARD_LEVELS = _names(
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


_ROOMY = _names(
    "GoToObjMazeS7 GoToImpUnlock GoToSeqS5R2 Open Pickup UnblockPickup PickupAbove Unlock FindObjS7 KeyCorridorS6R3"
)
_FURTHER = _names(
    "GoTo GoToOpen GoToObjMaze GoToObjMazeOpen GoToObjMazeS5 GoToObjMazeS6 GoToSeq FindObjS5 FindObjS6 KeyCorridor "
    "KeyCorridorS3R2 KeyCorridorS3R3 KeyCorridorS4R3 KeyCorridorS5R3 Synth SynthLoc MiniBossLevel BossLevelNoUnlock"
)


@dataclass(frozen=True, slots=True)
class SplitPlan:
    """Where the generated tasks of a split come from.

    Attributes:
        levels: Its levels; those of the test split are AgentBoard's, the others are further ones.
        first_seed: Where its seeds begin; the splits' seeds do not overlap.
        per_level: Tasks of each level.
    """

    levels: tuple[str, ...]
    first_seed: int
    per_level: int


BLOCK = 16
"""Seeds of which one is chosen for a generated task."""

SPLITS: Mapping[str, SplitPlan] = MappingProxyType(
    {
        "train": SplitPlan(_FURTHER, 200_000, 200),
        "valid": SplitPlan(_FURTHER, 100_000, 10),
        "test": SplitPlan(_ROOMY, FIRST_SEED, 20),
    }
)
"""Levels of several rooms: in a single room nearly everything is seen after a turn or two."""
