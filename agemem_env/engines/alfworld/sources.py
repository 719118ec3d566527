"""Where tasks come from: the official games of a split, or generated ones."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache, partial
from types import MappingProxyType

from agemem_env.engines.alfworld.game import load_game
from agemem_env.engines.alfworld.generator import generated_game
from agemem_env.engines.alfworld.official import OfficialGame, official_split
from agemem_env.engines.alfworld.tasks import build_task
from agemem_env.engines.base import TaskSet
from agemem_env.errors import DataError
from agemem_env.types import Task

SIZES: Mapping[str, int] = MappingProxyType({"train": 6000, "valid": 200, "test": 200})
"""Number of generated tasks; the six types take turns."""

OFFICIAL_NAMES: Mapping[str, str] = MappingProxyType({"train": "train", "valid": "valid_seen", "test": "valid_unseen"})
"""Split -> ALFWorld's name for it."""

_CACHED = 256


def task_source(split: str, source: str, protocol: str) -> tuple[str, TaskSet]:
    """Return where the tasks come from, ``official`` or ``generated``, and the tasks.

    Args:
        split: ``train``, ``valid`` or ``test``.
        source: ``official``, ``generated``, or ``auto``: official if there are official games of the split.
        protocol: ``agemem`` or ``agentboard``.

    Raises:
        DataError: If official games are asked for and missing.
    """
    if source == "generated":
        return "generated", _generated(split, protocol)
    try:
        return "official", _official(split, protocol)
    except DataError:
        if source == "official":
            raise
        return "generated", _generated(split, protocol)


def _official(split: str, protocol: str) -> TaskSet:
    games = official_split(OFFICIAL_NAMES[split]).games
    ids = {game.id: index for index, game in enumerate(games)}
    return TaskSet(
        len(games), lambda index: _official_task(split, games[index], protocol), ids.get, lambda index: games[index].id
    )


@lru_cache(maxsize=_CACHED)
def _official_task(split: str, game: OfficialGame, protocol: str) -> Task:
    return build_task(game.id, split, "official", protocol, load_game(game.path))


def _generated(split: str, protocol: str) -> TaskSet:
    ids = {_generated_id(split, number): number for number in range(SIZES[split])}
    name = partial(_generated_id, split)
    return TaskSet(SIZES[split], lambda number: _generated_task(split, number, protocol), ids.get, name)


@lru_cache(maxsize=_CACHED)
def _generated_task(split: str, number: int, protocol: str) -> Task:
    return build_task(_generated_id(split, number), split, "generated", protocol, generated_game(split, number))


def _generated_id(split: str, number: int) -> str:
    return f"gen-{split}-{number:06}"
