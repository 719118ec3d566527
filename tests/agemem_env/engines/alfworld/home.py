"""A small home, furnished by hand, in which every task of ALFWorld can be played; quick to translate."""

from __future__ import annotations

from agemem_env.engines.alfworld.alfworld_files import PosedReceptacle, domain, goal_library, grammar
from agemem_env.engines.alfworld.game import Game, Goal
from agemem_env.engines.alfworld.problem import Placed, write_problem

START = "loc|0|0|0|30"
KINDS = ("Cabinet", "Cabinet", "CounterTop", "Desk", "Fridge", "Microwave", "Shelf", "SinkBasin")
"""The receptacles, in their order in the room's description: cabinet 2 comes before cabinet 1."""

CONTENTS = {"mug 1": "cabinet 1", "mug 2": "shelf 1", "apple 1": "fridge 1", "desklamp 1": "desk 1", "pen 1": "desk 1"}
"""What is where at the start."""


def home(task_type: str, target: str, receptacle: str = "", contents: dict[str, str] | None = None) -> Game:
    """Return the game of a task in the home."""
    receptacles = [_receptacle(i, kind) for i, kind in enumerate(KINDS)]
    names = dict(zip((*("cabinet 2", "cabinet 1"), *(f"{k.lower()} 1" for k in KINDS[2:])), receptacles, strict=True))
    placed = contents or CONTENTS
    things = [_thing(name, names[where], list(placed)) for name, where in placed.items()]
    toggle = "DeskLamp" if task_type == "look_at_obj_in_light" else ""
    text, sentences = goal_library(task_type)
    words = {"obj": target, "recep": receptacle, "toggle": toggle, "mrecep": ""}
    problem = write_problem("trial_T1", receptacles, things, START, text.format(**words))
    sentence = sentences[0].format(**{key: word.lower() for key, word in words.items()})
    goal = Goal(task_type, target, receptacle, toggle)
    return Game(domain(), problem, grammar().replace("UNKNOWN GOAL", sentence), goal)


def _receptacle(index: int, kind: str) -> PosedReceptacle:
    position = f"+0{index}.00|+01.00|+01.00"
    name = f"Sink|{position}|SinkBasin" if kind == "SinkBasin" else f"{kind}|{position}"
    return PosedReceptacle(name, kind, f"loc|{index}|1|0|30")


def _thing(name: str, receptacle: PosedReceptacle, names: list[str]) -> Placed:
    kind, number = name.split()
    kind = {"desklamp": "DeskLamp"}.get(kind, kind.capitalize())
    # The things of a kind are numbered from the last id to the first.
    position = f"+0{9 - int(number)}.00|+01.00|+0{names.index(name)}.00"
    return Placed(f"{kind}|{position}", kind, receptacle, receptacle.place, kind != "DeskLamp")
