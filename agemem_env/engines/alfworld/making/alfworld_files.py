"""What the installed package alfworld knows of homes: its classes, logic, grammar, goals and AI2-THOR floor plans.

Its files are read where they lie; the package itself is not imported, see `agemem_env.engines.alfworld.package`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import module_from_spec, spec_from_file_location
from typing import Any

import numpy as np

from agemem_env.engines.alfworld.package import alfworld_folder
from agemem_env.errors import DataError

GRID_M = 0.25
"""Distance of two places where one can stand, in metres."""

_BASINS: Mapping[str, str] = {"Sink": "SinkBasin", "Bathtub": "BathtubBasin"}

_WITHOUT_POSE: Mapping[str, int] = {
    "BathtubBasin": 1,
    "CoffeeMachine": 1,
    "GarbageCan": 1,
    "HandTowelHolder": 2,
    "LaundryHamper": 1,
    "SinkBasin": 1,
    "StoveBurner": 4,
    "Toaster": 1,
    "Toilet": 1,
    "ToiletPaperHanger": 1,
    "TowelHolder": 1,
}
"""Receptacles that floor plans name without saying where they are: class, and how many to make."""

_CAMERA_DEG = 45
_HEIGHT_M = 0.9
_REACH_M = 0.5


@dataclass(frozen=True)
class Classes:
    """Classes of things, as in ALFWorld's ``constants.py``; everything is sorted.

    Attributes:
        receptacles: Classes that are receptacles and cannot be carried.
        objects: All other classes.
        containers: Classes of objects that can have things in them.
        openable: Classes of receptacles that can be opened.
        accepts: Class of receptacle -> classes of objects that may be put there.
        having: ``Cleanable``, ``Heatable``, ``Coolable``, ``Toggleable``, ``Sliceable`` -> classes of objects.
        rooms: Task type -> kinds of room where it is played.
        floors: Kind of room -> numbers of its floor plans.
        unseen_floors: Numbers of the floor plans that ALFRED keeps for its unseen splits.
    """

    receptacles: tuple[str, ...]
    objects: tuple[str, ...]
    containers: tuple[str, ...]
    openable: tuple[str, ...]
    accepts: Mapping[str, tuple[str, ...]]
    having: Mapping[str, tuple[str, ...]]
    rooms: Mapping[str, tuple[str, ...]]
    floors: Mapping[str, tuple[int, ...]]
    unseen_floors: tuple[int, ...]


@dataclass(frozen=True)
class PosedReceptacle:
    """A receptacle of a floor plan: AI2-THOR's id, its class, and the place in front of it."""

    id: str
    kind: str
    place: str


@dataclass(frozen=True)
class FloorPlan:
    """One of the 120 floor plans.

    Attributes:
        number: Its AI2-THOR number.
        kinds: Classes of what is in it.
        receptacles: Its receptacles; always the same.
        points: Where one can stand, in metres.
    """

    number: int
    kinds: tuple[str, ...]
    receptacles: tuple[PosedReceptacle, ...]
    points: tuple[tuple[float, float], ...]


@lru_cache(maxsize=1)
def classes() -> Classes:
    """Return the classes of things."""
    constants = _module("constants")
    movable = set(constants.MOVABLE_RECEPTACLES)
    receptacles = set(constants.RECEPTACLES) - movable
    return Classes(
        receptacles=tuple(sorted(receptacles)),
        objects=tuple(sorted(set(constants.OBJECTS_SET) - receptacles)),
        containers=tuple(sorted(movable)),
        openable=tuple(sorted(set(constants.OPENABLE_CLASS_SET) & receptacles)),
        accepts=_sorted({k: v for k, v in constants.VAL_RECEPTACLE_OBJECTS.items() if k in receptacles}),
        having=_sorted(constants.VAL_ACTION_OBJECTS),
        rooms=_sorted(constants.GOALS_VALID),
        floors=_sorted(constants.SCENE_TYPE),
        unseen_floors=tuple(sorted(constants.TEST_SCENE_NUMBERS)),
    )


@lru_cache(maxsize=1)
def domain() -> str:
    """Return ALFWorld's PDDL domain."""
    return (alfworld_folder() / "data" / "alfred.pddl").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def grammar() -> str:
    """Return ALFWorld's grammar, with ``UNKNOWN GOAL`` where a game's task stands."""
    return (alfworld_folder() / "data" / "alfred.twl2").read_text(encoding="utf-8")


@lru_cache(maxsize=16)
def goal_library(task_type: str) -> tuple[str, tuple[str, ...]]:
    """Return the PDDL goal of a task type and its sentences, all with places to fill in."""
    entry = _module("goal_library").gdict[task_type]
    return str(entry["pddl"]).replace("#", "-"), tuple(entry["templates"])


@lru_cache(maxsize=128)
def floor_plan(number: int) -> FloorPlan:
    """Return a floor plan.

    Receptacles without a pose in the package's files get one, the same at each call.

    Raises:
        DataError: If the package has no such floor plan.
    """
    layouts = alfworld_folder() / "gen" / "layouts"
    try:
        kinds = tuple(sorted(set(json.loads((layouts / f"FloorPlan{number}-objects.json").read_text()))))
        poses = json.loads((layouts / f"FloorPlan{number}-openable.json").read_text())
        grid = np.load(layouts / f"FloorPlan{number}-layout.npy")
    except OSError as error:
        raise DataError(f"alfworld has no floor plan {number}: {error}") from error
    points = tuple(sorted({(float(x), float(z)) for x, z in grid}))
    placed = _posed(poses)
    return FloorPlan(number, kinds, (*placed, *_invented(number, kinds, placed, points)), points)


def place(x: float, z: float, rotation_deg: float, horizon_deg: float) -> str:
    """Return the name of a place to stand and look from, as in ALFWorld's games.

    >>> place(-1.0, 0.5, 270, 30)
    'loc|-4|2|3|30'
    """
    return f"loc|{round(x / GRID_M)}|{round(z / GRID_M)}|{int(rotation_deg) // 90 % 4}|{int(horizon_deg)}"


def position(x: float, y: float, z: float) -> str:
    """Return the position part of an id, as AI2-THOR writes it.

    >>> position(0.676, 1.0, -2.2)
    '|+00.68|+01.00|-02.20'
    """
    return "".join(f"|{value + 0.0:+06.2f}" for value in (round(x, 2), round(y, 2), round(z, 2)))


def _posed(poses: Mapping[str, Sequence[float]]) -> list[PosedReceptacle]:
    receptacles = classes().receptacles
    found = []
    for name, (x, z, rotation, horizon) in sorted(poses.items()):
        parts = name.split("|")
        kind = parts[4] if len(parts) == 5 else parts[0]
        if kind in receptacles and kind not in _BASINS:
            found.append(PosedReceptacle(name, kind, place(x, z, rotation, horizon)))
    return found


def _invented(
    number: int, kinds: Sequence[str], placed: Sequence[PosedReceptacle], points: Sequence[tuple[float, float]]
) -> list[PosedReceptacle]:
    rng = np.random.default_rng(number)
    there, ids = {receptacle.kind for receptacle in placed}, {receptacle.id for receptacle in placed}
    made = []
    for kind, count in _WITHOUT_POSE.items():
        for _ in range(count if kind in kinds and kind not in there else 0):
            x, z = points[int(rng.integers(len(points)))]
            shift = rng.uniform(-_REACH_M, _REACH_M, 2)
            name = _thing(kind, position(x + float(shift[0]), _HEIGHT_M, z + float(shift[1])))
            if name not in ids:
                ids.add(name)
                made.append(PosedReceptacle(name, kind, place(x, z, 90 * int(rng.integers(4)), _CAMERA_DEG)))
    return made


def _thing(kind: str, where: str) -> str:
    """Return the id of a receptacle; a basin is named after what it is part of."""
    for whole, basin in _BASINS.items():
        if kind == basin:
            return f"{whole}{where}|{basin}"
    return f"{kind}{where}"


def _sorted(table: Mapping[str, Any]) -> dict[str, tuple[Any, ...]]:
    return {key: tuple(sorted(table[key])) for key in sorted(table)}


@lru_cache(maxsize=2)
def _module(name: str) -> Any:
    """Run one module of ``alfworld.gen`` by itself."""
    spec = spec_from_file_location(f"_alfworld_{name}", alfworld_folder() / "gen" / f"{name}.py")
    if spec is None or spec.loader is None:
        raise DataError(f"the installed alfworld has no gen/{name}.py: install alfworld>=0.4")
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
