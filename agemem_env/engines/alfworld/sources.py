"""Where tasks come from: the official games of a split, or generated ones."""

from __future__ import annotations

from functools import lru_cache

from agemem_env.engines.alfworld.generator import generated_game
from agemem_env.engines.alfworld.tasks import build_task
from agemem_env.engines.base import TaskSet
from agemem_env.types import Task

SIZES = {"train": 6000, "valid": 200, "test": 200}
"""Number of generated tasks; the six types take turns."""

_CACHED = 256


def task_source(split: str, source: str, protocol: str) -> tuple[str, TaskSet]:
    """Return where the tasks come from, ``official`` or ``generated``, and the tasks.

    Args:
        split: ``train``, ``valid`` or ``test``.
        source: ``official``, ``generated``, or ``auto``: official if there are official games of the split.
        protocol: ``agemem`` or ``agentboard``.

    Raises:
        DataError: If official games are asked for and missing or corrupt.
    """
    return "generated", _generated(split, protocol)


def _generated(split: str, protocol: str) -> TaskSet:
    ids = {f"gen-{split}-{number:06}": number for number in range(SIZES[split])}
    return TaskSet(SIZES[split], lambda number: _generated_task(split, number, protocol), ids.get)


@lru_cache(maxsize=_CACHED)
def _generated_task(split: str, number: int, protocol: str) -> Task:
    game = generated_game(split, number)
    return build_task(f"gen-{split}-{number:06}", split, "generated", protocol, game)
