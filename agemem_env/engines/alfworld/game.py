"""A game of ALFWorld: what is in a ``game.tw-pddl`` file and in the ``traj_data.json`` beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from agemem_env.data.files import whole_file
from agemem_env.errors import DataError

GAME_FILE = "game.tw-pddl"
TRAJECTORY_FILE = "traj_data.json"

TASK_TYPES = (
    "pick_and_place_simple",
    "look_at_obj_in_light",
    "pick_clean_then_place_in_recep",
    "pick_heat_then_place_in_recep",
    "pick_cool_then_place_in_recep",
    "pick_two_obj_and_place",
)
"""The six task types, in ALFWorld's order."""


@dataclass(frozen=True, slots=True)
class Station:
    """Where an object is changed: the command, the class of the receptacle, and what the object has to be."""

    command: str
    receptacle: str
    feature: str


STATIONS: Mapping[str, Station] = MappingProxyType(
    {
        "pick_clean_then_place_in_recep": Station("clean", "SinkBasin", "Cleanable"),
        "pick_heat_then_place_in_recep": Station("heat", "Microwave", "Heatable"),
        "pick_cool_then_place_in_recep": Station("cool", "Fridge", "Coolable"),
    }
)
"""Task type -> station, for those that have one."""


@dataclass(frozen=True)
class Goal:
    """What a game asks for.

    Attributes:
        task_type: One of `TASK_TYPES`.
        target: Class of the object, for example ``Mug``.
        receptacle: Class of the receptacle that it goes to; empty if it goes nowhere.
        toggle: Class of the lamp to use; empty if there is none.
        movable: Class of the movable receptacle; empty in all games that ALFWorld plays.
        sliced: Whether the object is to be sliced; false in all games that ALFWorld plays.
    """

    task_type: str
    target: str
    receptacle: str = ""
    toggle: str = ""
    movable: str = ""
    sliced: bool = False


@dataclass(frozen=True)
class Game:
    """One game.

    Attributes:
        domain: The PDDL domain.
        problem: The PDDL problem.
        grammar: ALFWorld's grammar (``twl2``) with the game's task in it.
        goal: What it asks for; None if no ``traj_data.json`` says so.
        floor_plan: Number of the AI2-THOR floor plan; None if unknown.
        walkthrough: Commands that solve it; empty if unknown.
        solvable: Whether ALFWorld's authors found it to be.
        origin: The file that it was read from; empty if there is none.
    """

    domain: str = field(repr=False)
    problem: str = field(repr=False)
    grammar: str = field(repr=False)
    goal: Goal | None = None
    floor_plan: int | None = None
    walkthrough: tuple[str, ...] = ()
    solvable: bool = True
    origin: str = field(default="", compare=False)

    @cached_property
    def key(self) -> str:
        """A digest of the game's rules, start and texts; equal for equal games."""
        digest = sha256()
        for part in (self.domain, self.problem, self.grammar):
            digest.update(part.encode())
            digest.update(b"\0")
        return digest.hexdigest()

    def content(self) -> dict[str, Any]:
        """Return the content of the ``game.tw-pddl`` file, which TextWorld can load."""
        return {
            "pddl_domain": self.domain,
            "grammar": self.grammar,
            "pddl_problem": self.problem,
            "solvable": self.solvable,
            "walkthrough": list(self.walkthrough) or None,
        }


def load_game(path: str | Path) -> Game:
    """Read a game.

    Args:
        path: A ``game.tw-pddl`` file, or the folder that holds one.

    Raises:
        DataError: If it is missing, not a game, or known to be unsolvable.
    """
    file = Path(path)
    if file.is_dir():
        file = file / GAME_FILE
    data = _read_json(file)
    parts = [data.get(name) for name in ("pddl_domain", "pddl_problem", "grammar")]
    if not all(isinstance(part, str) and part.strip() for part in parts):
        raise DataError(
            f"{file} is not an ALFWorld game: pddl_domain, pddl_problem and grammar must be texts in it; "
            "fetch it again with `agemem data download alfworld`"
        )
    if not data.get("solvable", True):
        raise DataError(f"{file} is marked as unsolvable: choose another game")
    trajectory = file.with_name(TRAJECTORY_FILE)
    told = _read_json(trajectory) if trajectory.exists() else {}
    domain, problem, grammar = (str(part) for part in parts)
    return Game(
        domain=domain,
        problem=problem,
        grammar=grammar,
        goal=_goal(told, trajectory) if told else None,
        floor_plan=_floor_plan(told),
        walkthrough=tuple(str(command) for command in data.get("walkthrough") or ()),
        origin=str(file),
    )


def save_game(game: Game, folder: str | Path) -> Path:
    """Write a game as ALFWorld does, so that ALFWorld can load it, and return its ``game.tw-pddl``.

    Args:
        game: A game whose goal is known.
        folder: Where to; made if missing.

    Raises:
        DataError: If the game's goal is not known, or the folder cannot be written.
    """
    if game.goal is None:
        raise DataError("a game whose goal is not known cannot be saved: load it beside its traj_data.json")
    place = Path(folder)
    try:
        # The game comes last: where it is, its trajectory is too.
        _write_json(place / TRAJECTORY_FILE, _trajectory(game, game.goal, place.name))
        _write_json(place / GAME_FILE, game.content())
    except OSError as error:
        raise DataError(f"cannot write a game into {place}: {error}") from error
    return place / GAME_FILE


def _trajectory(game: Game, goal: Goal, name: str) -> dict[str, Any]:
    plan = game.floor_plan
    return {
        "task_type": goal.task_type,
        "task_id": name,
        "pddl_params": {
            "object_target": goal.target,
            "parent_target": goal.receptacle,
            "toggle_target": goal.toggle,
            "mrecep_target": goal.movable,
            "object_sliced": goal.sliced,
        },
        "scene": {"scene_num": plan, "floor_plan": f"FloorPlan{plan}"} if plan is not None else {},
        "turk_annotations": {"anns": []},
    }


def _goal(told: Mapping[str, Any], path: Path) -> Goal:
    try:
        parameters = told["pddl_params"]
        return Goal(
            task_type=str(told["task_type"]),
            target=str(parameters["object_target"]),
            receptacle=str(parameters["parent_target"]),
            toggle=str(parameters["toggle_target"]),
            movable=str(parameters["mrecep_target"]),
            sliced=bool(parameters["object_sliced"]),
        )
    except (KeyError, TypeError) as error:
        raise DataError(f"{path} does not tell the goal of the game ({type(error).__name__}: {error})") from error


def _floor_plan(told: Mapping[str, Any]) -> int | None:
    scene = told.get("scene")
    number = scene.get("scene_num") if isinstance(scene, Mapping) else None
    return number if isinstance(number, int) else None


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}; run `agemem data download alfworld`") from error
    except ValueError as error:
        raise DataError(f"{path} is corrupt ({error}); fetch it again with `agemem data download alfworld`") from error
    if not isinstance(data, dict):
        raise DataError(f"{path} is corrupt (not a JSON object); fetch it again with `agemem data download alfworld`")
    return data


def _write_json(path: Path, content: Mapping[str, Any]) -> None:
    with whole_file(path) as file:
        file.write(json.dumps(content).encode())
