"""The order in which AgentBoard plays the test games."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from agemem_env.engines.agentboard_labels import LabelFiles
from agemem_env.engines.alfworld.official import OfficialGame, OfficialSplit

_SEED = 1234
"""With which TextWorld shuffles the games that it is given."""


def agentboard_order(split: OfficialSplit) -> tuple[OfficialGame, ...]:
    """Return the games of a split in AgentBoard's order.

    AgentBoard hands the sorted games to TextWorld, which shuffles them once: that is the order of the label rows, and
    the whole split needs no labels for it. Of a subset those games come first that labels name, in their order.
    """
    if split.complete:
        games = list(split.games)
        np.random.RandomState(_SEED).shuffle(games)  # type: ignore[arg-type]
        return tuple(games)
    rows = _rows()
    return tuple(sorted(split.games, key=lambda game: rows.get(game.id, len(rows))))


def _rows() -> dict[str, int]:
    """Return the place of each game that AgentBoard's labels name."""
    named = _LABELS.read() if _LABELS.paths() else []
    return {name: place for place, name in enumerate(named)}


def _described(row: int, data: Mapping[str, Any]) -> str:
    return str(data["additional_info"]["description"])


_LABELS = LabelFiles("alfworld", _described, "remove the labels")
