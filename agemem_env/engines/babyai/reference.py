"""What the expert needs in a world: which places it makes use of, and how many commands it takes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from agemem_env.engines.babyai.game import Game
from agemem_env.engines.babyai.house import Cell
from agemem_env.engines.babyai.oracle import Expert
from agemem_env.engines.babyai.view import to_world
from agemem_env.engines.babyai.world import World

_MAX_VISITS = 3
"""Times that a state is seen before the expert is taken to go round in circles."""


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


def solve(world: World, planner: World, seed: int, told: Collection[Cell], limit: int) -> Solution:
    """Let the expert play.

    Args:
        world: A world of the level; it is reset.
        planner: Another one, for the expert's planning.
        seed: The world's number.
        told: What the expert knows from the start.
        limit: Commands after which it stops; it stops too when it goes round in circles.
    """
    world.reset(seed)
    game, expert = Game(world, "agemem", None), Expert(planner, seed)
    commands: list[str] = []
    visits: Counter[str] = Counter()
    while len(commands) < limit and not game.record.done:
        here = world.digest()
        visits[here] += 1
        if visits[here] > _MAX_VISITS:
            break
        commands.append(expert.next_command(game, told))
        game.act(commands[-1])
    used = _visited(planner, seed, game.record.primitives)
    used.update(cell for _, cell in world.changes)
    used.add(to_world(world.position, world.direction, (1, 0)))
    return Solution(tuple(commands), frozenset(used), game.record.success)


def _visited(world: World, seed: int, primitives: tuple[int, ...]) -> set[Cell]:
    world.reset(seed)
    cells = {world.position}
    for primitive in primitives:
        world.step(primitive)
        cells.add(world.position)
    return cells
