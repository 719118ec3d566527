"""What players are called in tables: backbone and method, and whatever of their setting sets them apart."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agemem_env.errors import unknown_name
from benchmarks.report.columns import NOT_SCORED, shortened
from benchmarks.scores.players import Player
from benchmarks.scores.summary import common

OWN_TOOLS = "memory tools"
"""The method of a model without a memory system: the environment's own memory tools."""


LONGEST = 200
"""Characters of a model, a memory system or a setting that are shown."""


@dataclass(frozen=True)
class Name:
    """What a player is called.

    Attributes:
        number: Its number in the report, from 1.
        backbone: Its model, or a dash.
        method: Its memory system, or the policy that is no model.
        setting: What sets it apart from others, or nothing.
    """

    number: int
    backbone: str
    method: str
    setting: str

    @property
    def label(self) -> str:
        """Method, backbone and setting in one text."""
        backbone = "" if self.backbone == NOT_SCORED else f" ({self.backbone})"
        return f"{self.method}{backbone} {self.setting}".strip()


def names(players: Sequence[Player]) -> list[Name]:
    """Return what each player is called."""
    settings = [dict(player.setting) for player in players]
    shared = common(settings)
    own = [{name: value for name, value in setting.items() if name not in shared} for setting in settings]
    twice = Counter((player.name, words(setting)) for player, setting in zip(players, own, strict=True))
    found = []
    for number, (player, setting) in enumerate(zip(players, own, strict=True), 1):
        if twice[player.name, words(setting)] > 1:
            setting = {**setting, "source": player.first.setting.get("source")}
        row = player.first.rows[0]
        if row.memory is not None:
            backbone, method = row.policy, row.memory
        elif any(summary.cost.get("calls") for summary in player.summaries.values()):
            backbone, method = row.policy, OWN_TOOLS
        else:
            backbone, method = NOT_SCORED, row.policy
        found.append(Name(number, *(shortened(part, LONGEST) for part in (backbone, method, words(setting)))))
    return found


def find(called: Sequence[Name], label: str) -> int:
    """Return the index of the player that is called so.

    Raises:
        ConfigurationError: If there is none.

    >>> find([Name(1, "reader", "rag", "")], "rag (reader)")
    0
    """
    labels = [name.label for name in called]
    if label not in labels:
        raise unknown_name("player", label, labels)
    return labels.index(label)


def words(setting: Mapping[str, Any]) -> str:
    """Return a setting as text.

    >>> words({"reward": "paper", "stages": [1, 3]})
    'reward=paper stages=[1, 3]'
    """
    return " ".join(f"{k}={v if isinstance(v, str) else json.dumps(v)}" for k, v in setting.items())
