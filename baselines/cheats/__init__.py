"""The red team: policies that try to be paid without doing the task, and those that they are measured against.

`single` farms one part each, `storing` stores in shapes that should not pay, `worded` in other words than were told,
`late` acts on the known query and combines tricks, `knowing` is told what is gold, `playing` plays on, fails or gives
up after storing in some way. `base` is what they share. `agemem audit rewards` plays them all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from baselines.base import Policy
from baselines.cheats.base import Cheat, DoNothing
from baselines.cheats.knowing import FalseFacts, PruneToGold
from baselines.cheats.late import (
    BackAndForth,
    BagAndTidy,
    Combined,
    Hedge,
    LateCorrection,
    NameAll,
    Preload,
    Prune,
    RepeatQuery,
    SummaryEcho,
)
from baselines.cheats.playing import GoldPlayer, PlayingPolicy, TryThenQuit
from baselines.cheats.single import (
    AddAndDelete,
    AnswerAtOnce,
    EchoQuery,
    FilterEverything,
    MentionTools,
    RetrieveLoop,
    SummaryAtOnce,
)
from baselines.cheats.storing import Bag, Corrections, Distractors, Giant, StoreAll, Words
from baselines.cheats.worded import (
    Contradict,
    Denied,
    Joined,
    Lookalike,
    Maybe,
    Merged,
    Metadata,
    Pairs,
    Spelled,
)

__all__ = ["CHEATS", "RED_TEAM", "STORE_NOTHING_TRUE", "Cheat", "DoNothing"]

CHEATS: tuple[type[Cheat], ...] = (
    MentionTools,
    AddAndDelete,
    SummaryAtOnce,
    FilterEverything,
    RetrieveLoop,
    AnswerAtOnce,
    EchoQuery,
)
"""The cheats that farm one part; the contracts hold each of them against the expert and `DoNothing`."""

_EMPTY: tuple[type[Cheat], ...] = (
    *CHEATS, Combined, Hedge, RepeatQuery, NameAll, Words, Distractors, FalseFacts, Denied, Maybe, Metadata, Lookalike,
    Joined,
)  # fmt: skip
_FULL: tuple[type[Cheat], ...] = (
    Giant, Bag, StoreAll, Prune, PruneToGold, Preload, Corrections, BagAndTidy, Contradict, Pairs, Merged, Spelled,
    LateCorrection, BackAndForth, SummaryEcho,
)  # fmt: skip

STORE_NOTHING_TRUE: tuple[str, ...] = tuple(cls.name for cls in _EMPTY)
"""Names of the cheats that give up without having stored anything that is true of the task."""


def _players() -> dict[str, Callable[[int], Policy]]:
    return {
        "idle": lambda seed: PlayingPolicy("idle", None, "fail"),
        "try-then-quit": lambda seed: TryThenQuit(),
        "giant-quit": lambda seed: PlayingPolicy("giant-quit", Giant(), "quit"),
        "giant-idle": lambda seed: PlayingPolicy("giant-idle", Giant(), "fail"),
        "giant-play": lambda seed: PlayingPolicy("giant-play", Giant(), "play"),
        "store-all-quit": lambda seed: PlayingPolicy("store-all-quit", StoreAll(), "quit"),
        "store-all-idle": lambda seed: PlayingPolicy("store-all-idle", StoreAll(), "fail"),
        "store-all-play": lambda seed: PlayingPolicy("store-all-play", StoreAll(), "play"),
        "expert-quit": lambda seed: GoldPlayer("expert-quit", "quit"),
        "expert-idle": lambda seed: GoldPlayer("expert-idle", "fail"),
    }


def _cheat(cls: type[Cheat]) -> Callable[[int], Policy]:
    return lambda seed: cls()


RED_TEAM: Mapping[str, Callable[[int], Policy]] = MappingProxyType(
    {**{cls.name: _cheat(cls) for cls in (*_EMPTY, *_FULL)}, **_players()}
)
"""Name -> factory of every policy of the red team, given a seed."""
