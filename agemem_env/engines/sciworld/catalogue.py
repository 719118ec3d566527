"""What ScienceWorld knows of its tasks before they are played: names, variations, splits and gold paths.

Splits and gold paths come from the simulator and are kept on disk, in a folder per version of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agemem_env.engines.sciworld.java import jvm
from agemem_env.engines.sciworld.java.jvm import JavaMachine, JavaWorld
from agemem_env.engines.sciworld.package import installation
from agemem_env.engines.sciworld.study.cache import cached
from agemem_env.errors import ConfigurationError, EngineCrash, unknown_name

SIMPLIFICATIONS = (
    "teleportAction",
    "selfWateringFlowerPots",
    "openContainers",
    "openDoors",
    "noElectricalAction",
    "easy",
)
"""What a task may be loaded with, separated by commas; ``easy`` stands for a choice of ScienceWorld's own."""

PIECE = 6000
"""Characters fetched at once: answers of more than 8 KB wait for a delayed acknowledgement, 44 ms each."""

_ELECTRICAL = ("power-component", "conductivity")


@dataclass(frozen=True, slots=True)
class Splits:
    """ScienceWorld's own division of the variations of a task."""

    train: tuple[int, ...]
    dev: tuple[int, ...]
    test: tuple[int, ...]

    @property
    def size(self) -> int:
        """Number of variations."""
        return len({*self.train, *self.dev, *self.test})


@lru_cache(maxsize=1)
def task_names() -> tuple[str, ...]:
    """Return the names of the 30 tasks, in ScienceWorld's order.

    Raises:
        MissingExtraError: If ScienceWorld is not installed.
    """
    rows = json.loads((installation().folder / "tasks.json").read_text(encoding="utf-8"))
    return tuple(row["task_name"] for row in rows)


def check_simplifications(task: str, simplifications: str) -> None:
    """Raise `ConfigurationError` if there is no such task or it cannot be played with these simplifications."""
    if task not in task_names():
        raise unknown_name("ScienceWorld task", task, task_names())
    for name in filter(None, simplifications.split(",")):
        if name not in SIMPLIFICATIONS:
            raise unknown_name("simplification", name, SIMPLIFICATIONS)
    if "noElectricalAction" in simplifications and any(mark in task for mark in _ELECTRICAL):
        raise ConfigurationError(
            f"simplifications={simplifications!r} are not allowed: task {task!r} needs electrical actions"
        )


@lru_cache(maxsize=1)
def all_splits() -> Mapping[str, Splits]:
    """Return the splits of every task."""
    return cached(Path("splits.json"), _read_splits, _ask_splits)


def splits(task: str) -> Splits:
    """Return the splits of a task.

    Raises:
        ConfigurationError: If there is no such task.
    """
    check_simplifications(task, "")
    return all_splits()[task]


def gold_path(task: str, variation: int, simplifications: str) -> list[str]:
    """Return commands that solve a task variation from its start, as ScienceWorld generates them.

    Generating takes 0.2 to 5 seconds, reading them again a fraction of a millisecond.
    """
    check_simplifications(task, simplifications)
    place = Path("gold", task, f"{variation}-{simplifications.replace(',', '+') or 'none'}.json")
    return cached(place, _read_commands, lambda: _ask_gold_path(task, variation, simplifications))


def load(
    machine: JavaMachine, world: JavaWorld, task: str, variation: int, simplifications: str, *, gold: bool = False
) -> None:
    """Load a task variation into a simulator whose turn it is.

    Raises:
        ConfigurationError: If there is no such variation.
        EngineCrash: If the simulator cannot load it.
    """
    count = world.interface.getTaskMaxVariations(task)
    if type(variation) is not int or not 0 <= variation < count:
        raise ConfigurationError(f"variation={variation!r} is not allowed: {task!r} has variations 0 to {count - 1}")
    error = machine.load(world, task, variation, simplifications, gold=gold)
    if error:
        raise EngineCrash(f"ScienceWorld could not load {task!r}, variation {variation}: {error}")


@contextmanager
def _scratch() -> Iterator[tuple[JavaMachine, JavaWorld]]:
    machine = jvm.shared()
    world = machine.new_world()
    try:
        with machine.turn(world):
            yield machine, world
    finally:
        machine.retire(world)


def _ask_splits() -> dict[str, list[list[int]]]:
    with _scratch() as (machine, world):
        ask = world.interface
        found = {}
        for task in task_names():
            getattr(ask, "taskStr_$eq")(task)
            parts = (ask.getVariationsTrain(), ask.getVariationsDev(), ask.getVariationsTest())
            found[task] = [json.loads(machine.text_of(part)) for part in parts]
        return found


def _read_splits(content: Any) -> Mapping[str, Splits]:
    return MappingProxyType({task: Splits(*map(tuple, content[task])) for task in task_names()})


def _read_commands(content: Any) -> list[str]:
    if not isinstance(content, list) or not all(isinstance(command, str) for command in content):
        raise TypeError("a gold path is a list of commands")
    return content


def _ask_gold_path(task: str, variation: int, simplifications: str) -> list[str]:
    with _scratch() as (machine, world):
        load(machine, world, task, variation, simplifications, gold=True)
        path = machine.lines(world.interface.getGoldActionSequence(), PIECE)
        machine.tidy()
        return path
