"""Makes games of ALFWorld: the floor plans of AI2-THOR, newly furnished, with one of the six tasks.

``generated_game("test", 2)`` is always the same bathroom, in which something has to be cleaned.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeVar

import numpy as np

from agemem_env.engines.alfworld.homes.game import Game
from agemem_env.engines.alfworld.homes.goal import STATIONS, TASK_TYPES
from agemem_env.engines.alfworld.homes.house import house_of
from agemem_env.engines.alfworld.making.alfworld_files import (
    Classes,
    FloorPlan,
    PosedReceptacle,
    classes,
    domain,
    floor_plan,
    goal_library,
    grammar,
    place,
    position,
)
from agemem_env.engines.alfworld.making.problem import Placed, write_problem
from agemem_env.engines.alfworld.making.script import script
from agemem_env.errors import unknown_name
from agemem_env.types import SPLITS

MAX_OF_A_KIND = 3
"""Most things of a class in a home, as in ALFRED."""

_LAMP = "DeskLamp"
_LAMPS = ("DeskLamp", "FloorLamp", "Lamp")
_LAMP_STANDS_ON = ("CoffeeTable", "CounterTop", "Desk", "DiningTable", "Dresser", "Shelf", "SideTable")
_NOT_MADE = ("Faucet", "Lamp", "ShowerCurtain", "ShowerHead")
_CAMERA_DEG = 30

T = TypeVar("T")


@dataclass(frozen=True)
class Wish:
    """Something that can be asked for in a home: classes of the object and of the receptacle that it goes to."""

    target: str
    receptacle: str


def generated_game(split: str, number: int) -> Game:
    """Return a generated game; the same for the same arguments. Task types take turns.

    Args:
        split: ``train``, ``valid`` or ``test``.
        number: 0, 1, ….

    Raises:
        ConfigurationError: If there is no such split.
        MissingExtraError: If the extra ``alfworld`` is not installed.
    """
    if split not in SPLITS:
        raise unknown_name("split", split, SPLITS)
    rng = np.random.default_rng([SPLITS.index(split), number])
    return generate(rng, split, TASK_TYPES[number % len(TASK_TYPES)])


def generate(rng: np.random.Generator, split: str, task_type: str) -> Game:
    """Make a game.

    Args:
        rng: Source of all randomness.
        split: ``test`` takes ALFRED's unseen floor plans, ``train`` and ``valid`` take the others.
        task_type: One of `TASK_TYPES`.

    Returns:
        A game whose goal does not hold at the start and is reached by its walkthrough.

    Raises:
        ConfigurationError: If there is no such split or task type.
        MissingExtraError: If the extra ``alfworld`` is not installed.
    """
    for kind, value, allowed in (("split", split, SPLITS), ("task type", task_type, TASK_TYPES)):
        if value not in allowed:
            raise unknown_name(kind, value, allowed)
    plan = floor_plan(_pick(rng, _floors(split, task_type)))
    options = wishes(plan, task_type)
    target = _pick(rng, sorted({wish.target for wish in options}))
    wish = _pick(rng, [wish for wish in options if wish.target == target])
    things = _furnish(rng, plan, wish, least=2 if task_type == "pick_two_obj_and_place" else 1)
    start = _start(rng, plan)
    goal_text, sentences = goal_library(task_type)
    name = f"trial_G{int(rng.integers(10**9)):09d}"
    lamp = _LAMP if task_type == "look_at_obj_in_light" else ""
    words = {"obj": wish.target, "recep": wish.receptacle, "toggle": lamp, "mrecep": ""}
    problem = write_problem(name, plan.receptacles, things, start, goal_text.format(**words))
    sentence = _pick(rng, sentences).format(**{key: word.lower() for key, word in words.items()})
    game = Game(domain(), problem, grammar().replace("UNKNOWN GOAL", sentence), plan.number)
    return replace(game, walkthrough=script(house_of(game), game.goal))


@lru_cache(maxsize=32)
def _floors(split: str, task_type: str) -> tuple[int, ...]:
    """Return the floor plans of a split where a task type can be played."""
    known = classes()
    numbers = [number for room in known.rooms[task_type] for number in known.floors[room]]
    return tuple(
        number
        for number in sorted(numbers)
        if (number in known.unseen_floors) == (split == "test") and wishes(floor_plan(number), task_type)
    )


@lru_cache(maxsize=1024)
def wishes(plan: FloorPlan, task_type: str) -> tuple[Wish, ...]:
    """Return what can be asked for on a floor plan, so that it is possible and not true from the beginning."""
    known, there = classes(), {receptacle.kind for receptacle in plan.receptacles}
    station = STATIONS.get(task_type)
    if station and station.receptacle not in there:
        return ()
    in_light = task_type == "look_at_obj_in_light"
    if in_light and not (_LAMP in plan.kinds and there & set(_LAMP_STANDS_ON)):
        return ()
    found = []
    for kind in plan.kinds:
        homes = _homes(known, kind, there)
        if kind in known.receptacles or kind in _LAMPS or (station and kind not in known.having[station.feature]):
            continue
        if in_light and homes:
            found.append(Wish(kind, ""))
        elif len(homes) > 1:
            found += [Wish(kind, home) for home in homes if station is None or home != station.receptacle]
    return tuple(found)


def _homes(known: Classes, kind: str, there: set[str]) -> list[str]:
    """Return the classes of receptacles in a home where things of a class may be."""
    return [home for home in sorted(there) if kind in known.accepts.get(home, ())]


def _furnish(rng: np.random.Generator, plan: FloorPlan, wish: Wish, least: int) -> list[Placed]:
    """Return the things in a home: of what is wished for at least some, none where it is to be put."""
    known, there = classes(), {receptacle.kind for receptacle in plan.receptacles}
    things: list[Placed] = []
    used: set[str] = set()
    for kind in plan.kinds:
        if kind in known.receptacles or kind in _NOT_MADE:
            continue
        portable = any(kind in accepted for accepted in known.accepts.values())
        homes = _homes(known, kind, there)
        if kind == wish.target:
            homes = [home for home in homes if home != wish.receptacle]
        elif kind == _LAMP:
            homes = [home for home in _LAMP_STANDS_ON if home in there]
        if portable and not homes:
            continue
        fewest = least if kind == wish.target else 1
        for _ in range(int(rng.integers(fewest, MAX_OF_A_KIND + 1)) if portable else 1):
            things.append(_placed(rng, plan, kind, homes, portable, used))
    return things


def _placed(
    rng: np.random.Generator, plan: FloorPlan, kind: str, homes: Sequence[str], portable: bool, used: set[str]
) -> Placed:
    """Return a thing in a receptacle of one of some classes, or somewhere in the room if there are none."""
    receptacle: PosedReceptacle | None = None
    if homes:
        home = _pick(rng, homes)
        receptacle = _pick(rng, [r for r in plan.receptacles if r.kind == home])
        where = receptacle.place
        x, y, z = (float(part) for part in receptacle.id.split("|")[1:4])
    else:
        x, z = _pick(rng, plan.points)
        y, where = 1.0, place(x, z, 90 * int(rng.integers(4)), _CAMERA_DEG)
    while True:
        dx, dy, dz = (float(shift) for shift in rng.uniform((-0.3, 0.0, -0.3), (0.3, 0.1, 0.3)))
        name = kind + position(x + dx, y + dy, z + dz)
        if name not in used:
            used.add(name)
            return Placed(name, kind, receptacle, where, portable)


def _start(rng: np.random.Generator, plan: FloorPlan) -> str:
    """Return a place with no receptacle, since ALFWorld's first text is that of the middle of a room."""
    taken = {receptacle.place for receptacle in plan.receptacles}
    free = [
        where
        for x, z in plan.points
        for rotation in (0, 90, 180, 270)
        if (where := place(x, z, rotation, _CAMERA_DEG)) not in taken
    ]
    return _pick(rng, free)


def _pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    return options[int(rng.integers(len(options)))]
