"""A game of ALFWorld: what a ``game.tw-pddl`` file says, and the ``traj_data.json`` beside it or its folder's name."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

from agemem_env.data.files import whole_file
from agemem_env.engines.alfworld.homes.goal import Goal, read_goal
from agemem_env.errors import DataError

GAME_FILE = "game.tw-pddl"
TRAJECTORY_FILE = "traj_data.json"

_TASK_FOLDER = re.compile(r"([a-z_]+)-[A-Za-z]+-[A-Za-z]+-[A-Za-z]+-(\d+)")


@dataclass(frozen=True)
class Game:
    """One game.

    Attributes:
        domain: The PDDL domain.
        problem: The PDDL problem.
        grammar: ALFWorld's grammar (``twl2``) with the game's task in it.
        floor_plan: Number of the AI2-THOR floor plan; None if unknown.
        walkthrough: Commands that solve it; empty if unknown.
        solvable: Whether ALFWorld's authors found it to be.
        origin: The file that it was read from; empty if there is none.
    """

    domain: str = field(repr=False)
    problem: str = field(repr=False)
    grammar: str = field(repr=False)
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

    @cached_property
    def goal(self) -> Goal:
        """What the game asks for.

        Raises:
            DataError: If it is none of the six types of task.
        """
        return read_goal(self.problem)

    def class_of(self, kind: str) -> str:
        """Return AI2-THOR's class of a kind, which the problem spells; empty for no kind.

        >>> game = Game("", "(objectType Spatula_1 ButterKnifeType)", "")
        >>> game.class_of("butterknife"), game.class_of("")
        ('ButterKnife', '')
        """
        match = re.search(rf"\b({re.escape(kind)})Type\b", self.problem, re.IGNORECASE) if kind else None
        return match[1] if match else kind

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
    told = read_trajectory(file)
    domain, problem, grammar = (str(part) for part in parts)
    return Game(
        domain=domain,
        problem=problem,
        grammar=grammar,
        floor_plan=_floor_plan(told),
        walkthrough=tuple(str(command) for command in data.get("walkthrough") or ()),
        origin=str(file),
    )


def read_trajectory(file: Path) -> Mapping[str, Any]:
    """Return what is told of a game beside it: its ``traj_data.json``, or without one what its task's folder says.

    Args:
        file: The ``game.tw-pddl`` file, in the folder of its trial, in that of its task.

    Raises:
        DataError: If the ``traj_data.json`` is corrupt.
    """
    trajectory = file.with_name(TRAJECTORY_FILE)
    if trajectory.exists():
        return _read_json(trajectory)
    return told_by_folder(file.absolute().parent.parent.name)


def told_by_folder(name: str) -> Mapping[str, Any]:
    """Return what ALFRED's name of a task's folder tells, in the form of ``traj_data.json``; empty for another name.

    >>> told_by_folder("look_at_obj_in_light-Bowl-None-DeskLamp-301")
    {'task_type': 'look_at_obj_in_light', 'scene': {'scene_num': 301}}
    """
    match = _TASK_FOLDER.fullmatch(name)
    return {"task_type": match[1], "scene": {"scene_num": int(match[2])}} if match else {}


def save_game(game: Game, folder: str | Path) -> Path:
    """Write a game as ALFWorld does, so that ALFWorld can load it, and return its ``game.tw-pddl``.

    Args:
        game: A game.
        folder: Where to; made if missing.

    Raises:
        DataError: If the game asks for none of the six types of task, or the folder cannot be written.
    """
    place = Path(folder)
    trajectory = _trajectory(game, place.name)
    try:
        # The game comes last: where it is, its trajectory is too.
        _write_json(place / TRAJECTORY_FILE, trajectory)
        _write_json(place / GAME_FILE, game.content())
    except OSError as error:
        raise DataError(f"cannot write a game into {place}: {error}") from error
    return place / GAME_FILE


def _trajectory(game: Game, name: str) -> dict[str, Any]:
    plan, goal = game.floor_plan, game.goal
    return {
        "task_type": goal.task_type,
        "task_id": name,
        "pddl_params": {
            "object_target": game.class_of(goal.thing),
            "parent_target": game.class_of(goal.receptacle),
            "toggle_target": game.class_of(goal.lamp),
            "mrecep_target": "",
            "object_sliced": False,
        },
        "scene": {"scene_num": plan, "floor_plan": f"FloorPlan{plan}"} if plan is not None else {},
        "turk_annotations": {"anns": []},
    }


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
