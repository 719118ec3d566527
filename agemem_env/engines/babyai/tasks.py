"""From a level and a seed to a task: facts, query and turn limit."""

from __future__ import annotations

import math
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from agemem_env.engines.babyai.facts import HOUSES, Place, house_name, places
from agemem_env.engines.babyai.house import Cell, square
from agemem_env.engines.babyai.levels import BLOCK
from agemem_env.engines.babyai.reference import solve
from agemem_env.engines.babyai.view import COMPASS
from agemem_env.engines.babyai.world import World
from agemem_env.types import Fact, Task

LIMIT_FACTOR = 1.5
"""Turn limit of the default protocol, as a multiple of the informed expert's commands."""

LIMIT_EXTRA = 4
"""Turns on top of it: two for memory, two to spare."""

AGENTBOARD_ROUNDS = 30

_CAP = 80
"""Commands after which the expert is taken to fail."""

_USELESS = 4
_REVISE_GOLD, _REVISE_USELESS = 0.5, 0.3


@dataclass(frozen=True, slots=True)
class Spec:
    """Which world a task is played in, and how it is scored.

    Attributes:
        level: The level.
        seed: The world's number.
        goal: The instruction in the labels' words; empty to take minigrid's.
        subgoals: AgentBoard's patterns; empty without labels.
        alternatives: Second patterns.
        world: The level in whose worlds it is played; empty if that is `level`.
    """

    level: str
    seed: int
    goal: str = ""
    subgoals: tuple[str, ...] = ()
    alternatives: tuple[str, ...] = ()
    world: str = ""

    @property
    def played(self) -> str:
        """The level in whose worlds it is played."""
        return self.world or self.level


@dataclass(frozen=True, slots=True)
class Study:
    """What the expert's games in a world have shown.

    Attributes:
        gold: Places that the task needs.
        useless: Other places that the start view does not show.
        hidden: Whether the start view does not show the gold places.
        commands: Commands of the expert that knows the gold places; None if it fails.
    """

    gold: tuple[Place, ...]
    useless: tuple[Place, ...]
    hidden: bool
    commands: int | None

    @property
    def limit(self) -> int:
        """Turn limit of the default protocol."""
        commands = self.commands
        return AGENTBOARD_ROUNDS if commands is None else math.ceil(LIMIT_FACTOR * commands) + LIMIT_EXTRA


@lru_cache(maxsize=1024)
def study(level: str, seed: int) -> Study:
    """Find out what the expert needs to know in a world."""
    world, planner = World(level), World(level)
    world.reset(seed)
    seen, found = world.visible(), places(world)
    hidden = [place for place in found if seen.isdisjoint(place.cells)]
    informed = solve(world, planner, seed, _cells(hidden), _CAP)
    used = informed.used
    gold = tuple(place for place in hidden if not used.isdisjoint(place.cells))
    out_of_sight = bool(gold)
    if not gold:  # all that is needed is in view
        gold = tuple(place for place in found if not used.isdisjoint(place.cells)) or tuple(found[:1])
    # Who fails with all there is to know is not tried with less.
    solution = solve(world, planner, seed, _cells(gold), _CAP) if informed.solved else informed
    useless = tuple(place for place in hidden if place not in gold)
    return Study(gold, useless, out_of_sight, len(solution.commands) if solution.solved else None)


def _cells(found: Sequence[Place]) -> frozenset[Cell]:
    return frozenset(cell for place in found for cell in place.cells)


@lru_cache(maxsize=4096)
def choose_seed(level: str, first: int) -> int:
    """Return the first seed of a block whose world can be solved and does not show all that is needed at the start.

    How the expert without facts fares plays no part. If there is no such seed, it is the first one that the informed
    expert solves, or the first of all.
    """
    solvable = []
    for seed in range(first, first + BLOCK):
        found = study(level, seed)
        if found.commands is not None and found.hidden:
            return seed
        if found.commands is not None:
            solvable.append(seed)
    return (solvable or [first])[0]


def task_id(level: str, seed: int) -> str:
    """Return the id of a task."""
    return f"{level}/{seed}"


@lru_cache(maxsize=512)
def build_task(spec: Spec, split: str, source: str, protocol: str, others: tuple[str, ...]) -> Task:
    """Return a task.

    Args:
        spec: World and scoring.
        split: Its split.
        source: ``official`` or ``generated``.
        protocol: ``agemem`` or ``agentboard``.
        others: Levels from which the houses of stage 2 are taken.
    """
    found = study(spec.played, spec.seed)
    world = World(spec.played)
    world.reset(spec.seed)
    number = zlib.crc32(task_id(spec.level, spec.seed).encode())
    rng, house = np.random.default_rng(number), house_name(number % HOUSES)
    agentboard = protocol == "agentboard"
    return Task(
        id=task_id(spec.level, spec.seed),
        benchmark="BabyAI",
        split=split,
        source=source,
        query=plain_goal(spec.goal or world.mission) if agentboard else _query(world, house),
        facts=tuple(_facts(world, house, found, rng)),
        distractors=tuple(_distractors(number, others, rng)),
        max_rounds=AGENTBOARD_ROUNDS if agentboard else found.limit,
        data={"spec": spec, "house": house},
    )


def bare_task(spec: Spec) -> Task:
    """Return a task without facts, for playing a world under AgentBoard's protocol."""
    return Task(
        id=task_id(spec.level, spec.seed),
        benchmark="BabyAI",
        split="test",
        source="official",
        query=plain_goal(spec.goal),
        max_rounds=AGENTBOARD_ROUNDS,
        data={"spec": spec, "house": ""},
    )


def plain_goal(mission: str) -> str:
    """Return an instruction as AgentBoard words it.

    >>> plain_goal("open the red door, then go to the key")
    'open the red door, and go to the key'
    """
    return mission.replace("then", "and").replace("after you", "and")


def _query(world: World, house: str) -> str:
    layout = world.layout
    rooms = f"{layout.columns} by {layout.rows} rooms" if layout.columns * layout.rows > 1 else "one room"
    return (
        f"You are in the house {house}, which has {rooms}. Its squares are named by a letter, A for the westernmost "
        f"column, and a number, 1 for the northernmost row; walls and doors take squares too. You start on square "
        f"{square(world.position)}, facing {COMPASS[world.direction]}.\nYour task: {world.mission}."
    )


def _facts(world: World, house: str, found: Study, rng: np.random.Generator) -> Iterator[Fact]:
    """Yield the facts: all places in random order, some of them wrong at first, then the corrections."""
    some = rng.permutation(len(found.useless))[:_USELESS]
    told = [(place, True) for place in found.gold] + [(found.useless[i], False) for i in some]
    told = [told[i] for i in rng.permutation(len(told))]
    revised = {_pick(told, True, _REVISE_GOLD, rng), _pick(told, False, _REVISE_USELESS, rng)} - {None}
    for index, (place, gold) in enumerate(told):
        shown = place.moved(_free_cell(world, place, rng), world) if index in revised else place
        yield Fact(shown.statement(house), gold)
    for index, (place, gold) in enumerate(told):
        if index in revised:
            yield Fact(place.statement(house, " now"), gold, supersedes=index)


def _pick(told: Sequence[tuple[Place, bool]], gold: bool, chance: float, rng: np.random.Generator) -> int | None:
    """Return the index of a thing that has been moved, or None."""
    movable = [i for i, (place, is_gold) in enumerate(told) if is_gold is gold and place.kind in ("ball", "box", "key")]
    drawn = rng.random() < chance
    return int(rng.choice(movable)) if drawn and movable else None


def _free_cell(world: World, place: Place, rng: np.random.Generator) -> Cell:
    """Return an empty cell out of sight, where the thing may have been before."""
    grid, seen, layout = world.env.grid, world.visible(), world.layout
    free = [
        (x, y)
        for y in range(grid.height)
        for x in range(grid.width)
        if world.thing_at((x, y)) is None and not layout.is_wall_line((x, y)) and (x, y) not in place.cells
    ]
    unseen = [cell for cell in free if cell not in seen] or free
    return unseen[int(rng.integers(len(unseen)))]


def _distractors(number: int, others: Sequence[str], rng: np.random.Generator) -> Iterator[str]:
    """Yield statements about two other houses."""
    for shift in (1, 2):
        other = World(others[int(rng.integers(len(others)))])
        other.reset(int(rng.integers(10**6, 10**7)))
        house = house_name((number + shift * 97) % HOUSES)
        found = places(other)
        for index in rng.permutation(len(found))[:2]:
            yield found[index].statement(house)
