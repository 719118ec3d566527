"""A small home, furnished by hand, in which every task of ALFWorld can be played; quick to translate. How it is played."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agemem_env.engines.alfworld.engine import ALFWorldEngine
from agemem_env.engines.alfworld.homes.game import Game
from agemem_env.engines.alfworld.making.alfworld_files import PosedReceptacle, domain, goal_library, grammar
from agemem_env.engines.alfworld.making.problem import Placed, write_problem
from agemem_env.engines.alfworld.tasks import build_task
from agemem_env.types import EngineStep, Task

START = "loc|0|0|0|30"
KINDS = ("Cabinet", "Cabinet", "CounterTop", "Desk", "Fridge", "Microwave", "Shelf", "SinkBasin")
"""The receptacles, in their order in the room's description: cabinet 2 comes before cabinet 1."""

CONTENTS = {"mug 1": "cabinet 1", "mug 2": "shelf 1", "apple 1": "fridge 1", "desklamp 1": "desk 1", "pen 1": "desk 1"}
"""What is where at the start."""

RNG = np.random.default_rng(0)
TARGETS = {
    "pick_and_place_simple": ("Mug", "CounterTop"),
    "look_at_obj_in_light": ("Mug",),
    "pick_clean_then_place_in_recep": ("Mug", "CounterTop"),
    "pick_heat_then_place_in_recep": ("Apple", "CounterTop"),
    "pick_cool_then_place_in_recep": ("Mug", "CounterTop"),
    "pick_two_obj_and_place": ("Mug", "CounterTop"),
}
"""Task type -> what is asked for in the home."""


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
    return Game(domain(), problem, grammar().replace("UNKNOWN GOAL", sentence))


def task_of(game: Game, name: str = "home") -> Task:
    return build_task(name, "test", "generated", "agemem", game)


def start(game: Game) -> ALFWorldEngine:
    made = ALFWorldEngine(source="generated")
    made.reset(task_of(game), RNG, briefed=True)
    return made


def play(made: ALFWorldEngine, commands: Sequence[str]) -> list[EngineStep]:
    return [made.step(command) for command in commands]


def follow_the_oracle(made: ALFWorldEngine, known: Sequence[str], most: int = 60) -> tuple[list[str], EngineStep]:
    commands: list[str] = []
    step = EngineStep("", 0.0, done=False, success=False)
    while not step.done and len(commands) < most:
        call = made.oracle(known)
        assert call.name == "act", f"the expert gave up after {commands}"
        commands.append(call.arguments["command"])
        step = made.step(commands[-1])
        assert step.valid, f"{commands[-1]!r} is not possible"
    return commands, step


def gold(task: Task) -> list[str]:
    return [fact.text for fact in task.gold_facts]


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
