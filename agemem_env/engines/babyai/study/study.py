"""What the expert's games in a world show: which places it needs to know, and how many commands it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agemem_env.engines.babyai.agentboard import ROUNDS
from agemem_env.engines.babyai.briefing import Place, places
from agemem_env.engines.babyai.game import BabyAIGame
from agemem_env.engines.babyai.house import Cell
from agemem_env.engines.babyai.oracle import BabyAIExpert
from agemem_env.engines.babyai.study.shipped import checksum, known_study
from agemem_env.engines.babyai.view import to_world
from agemem_env.engines.babyai.world import BabyAIWorld, at_start
from agemem_env.engines.briefing import turn_limit

LIMIT_FACTOR = 1.5
"""Turn limit of the default protocol, as a multiple of the informed expert's commands."""

LIMIT_EXTRA = 3
"""Turns on top of it: two for memory, one to spare."""

_CAP = 160
"""Commands after which the expert is taken to fail."""

_MAX_VISITS = 3
"""Times that a state is seen before the expert is taken to go round in circles."""


@dataclass(frozen=True, slots=True)
class BabyAIStudy:
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
        return ROUNDS if self.commands is None else turn_limit(self.commands, LIMIT_FACTOR, LIMIT_EXTRA)


@lru_cache(maxsize=1024)
def study(level: str, seed: int) -> BabyAIStudy:
    """Return what the expert needs to know in a world: looked up if it comes with the package, else found out."""
    known = known_study(level, seed)
    if known is None:
        return find_out(level, seed)
    world = at_start(level, seed)
    if known.checksum != checksum(world):
        return find_out(level, seed)
    found = places(world)
    hidden = _hidden(world, found)
    gold = tuple(found[i] for i in known.gold)
    return BabyAIStudy(gold, tuple(p for p in hidden if p not in gold), gold[0] in hidden, known.commands)


@lru_cache(maxsize=64)
def find_out(level: str, seed: int) -> BabyAIStudy:
    """Let the expert play a world to find out what it needs to know there."""
    world, planner = BabyAIWorld(level), BabyAIWorld(level)
    world.reset(seed)
    found = places(world)
    hidden = _hidden(world, found)
    informed = solve(world, planner, seed, _cells(hidden), _CAP)
    used = informed.used
    gold = tuple(place for place in hidden if not used.isdisjoint(place.cells))
    out_of_sight = bool(gold)
    if not gold:  # all that is needed is in view
        gold = tuple(place for place in found if not used.isdisjoint(place.cells)) or tuple(found[:1])
    # Who fails with all there is to know is not tried with less.
    solution = solve(world, planner, seed, _cells(gold), _CAP) if informed.solved else informed
    useless = tuple(place for place in hidden if place not in gold)
    return BabyAIStudy(gold, useless, out_of_sight, len(solution.commands) if solution.solved else None)


def _hidden(world: BabyAIWorld, found: Sequence[Place]) -> list[Place]:
    """Return the places that the start view does not show."""
    seen = world.visible()
    return [place for place in found if seen.isdisjoint(place.cells)]


def _cells(found: Sequence[Place]) -> frozenset[Cell]:
    return frozenset(cell for place in found for cell in place.cells)


@dataclass(frozen=True, slots=True)
class Solution:
    """A game of the expert.

    Attributes:
        commands: What it did.
        used: Cells that it handled, stood on, or looked at from next to them when the game ended.
        solved: Whether the task was solved.
    """

    commands: tuple[str, ...]
    used: frozenset[Cell]
    solved: bool


def solve(world: BabyAIWorld, planner: BabyAIWorld, seed: int, told: Collection[Cell], limit: int) -> Solution:
    """Let the expert play.

    Args:
        world: A world of the level; it is reset.
        planner: Another one, for the expert's planning.
        seed: The world's number.
        told: What the expert knows from the start.
        limit: Commands after which it stops; it stops too when it goes round in circles.
    """
    world.reset(seed)
    game, expert = BabyAIGame(world, "agemem", None), BabyAIExpert(planner, seed)
    commands: list[str] = []
    visits: Counter[str] = Counter()
    while len(commands) < limit and not game.record.done:
        here = world.digest()
        visits[here] += 1
        if visits[here] > _MAX_VISITS:
            break
        commands.append(expert.next_command(game, told))
        game.act(commands[-1])
    used = set(world.trail)
    used.update(cell for _, cell in world.changes)
    used.add(to_world(world.position, world.direction, (1, 0)))
    return Solution(tuple(commands), frozenset(used), game.record.success)
