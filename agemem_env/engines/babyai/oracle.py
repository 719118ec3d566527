"""The expert: plays the commands that lead along the way of minigrid's bot."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from agemem_env.engines.babyai.bot import BOT_ERRORS, Bot
from agemem_env.engines.babyai.game import BabyAIGame
from agemem_env.engines.babyai.house import Cell
from agemem_env.engines.babyai.path import FORWARD, LEFT, RIGHT
from agemem_env.engines.babyai.view import VECTORS
from agemem_env.engines.babyai.world import BabyAIWorld

State = tuple[Cell, int, tuple[tuple[int, Cell], ...]]
"""The agent's cell, its direction, and the changes made to the world."""

_MAX_STRAYED = 4
"""Commands that are tried to come back to the way before another is planned."""

_HORIZON = 30
"""Primitive actions that the plan runs ahead of the game."""


@dataclass
class _Plan:
    """The bot's way from some state on, in a world of its own.

    Attributes:
        told: What the bot was told.
        states: The states on the way, the first one included.
        exhausted: The bot has finished or given up.
        strayed: Commands since the game was last on the way.
        intended: Primitive actions of the game as they will be if the last command is not broken off.
    """

    world: BabyAIWorld
    bot: Bot
    told: frozenset[Cell]
    states: list[State] = field(default_factory=list)
    last: int | None = None
    exhausted: bool = False
    strayed: int = 0
    intended: tuple[int, ...] = ()

    def choose(self, game: BabyAIGame, command: str) -> str:
        """Take note of the command that is played next, and return it."""
        self.intended = (*game.record.primitives, *game.commands.possible.get(command, ()))
        return command

    def extend(self, length: int) -> None:
        """Let the bot act until the way has a number of states."""
        while len(self.states) < length and not self.exhausted:
            try:
                action = self.bot.suggest(self.last)
            except BOT_ERRORS:
                action = None
            if action is None:
                self.exhausted = True
                return
            self.exhausted = self.world.step(action).ended
            self.last = action
            self.states.append(state_of(self.world))


def state_of(world: BabyAIWorld) -> State:
    """Return what tells two states of one world apart."""
    return world.position, world.direction, world.changes


class BabyAIExpert:
    """Knows the next command of a game.

    Args:
        world: A world of the game's level, for planning alone.
        seed: The world's number.
    """

    def __init__(self, world: BabyAIWorld, seed: int) -> None:
        self._world, self._seed = world, seed
        self._plan: _Plan | None = None

    def next_command(self, game: BabyAIGame, told: Collection[Cell]) -> str:
        """Return the command that follows the bot's way farthest.

        Args:
            game: The game, which is not changed.
            told: Cells that the expert was told about.
        """
        here, cells = state_of(game.world), frozenset(told)
        plan = self._plan
        if plan is not None and plan.told == cells and here not in plan.states:
            back = _rejoin(game, plan)
            if back is not None:
                return plan.choose(game, back)
        if plan is None or plan.told != cells or here not in plan.states:
            plan = self._plan = self._make_plan(game, cells)
        index = _last_index(plan.states, here)
        del plan.states[:index]
        plan.strayed = 0
        plan.extend(_HORIZON + 1)
        return plan.choose(game, _farthest(game, plan.states) or _wander(game))

    def _make_plan(self, game: BabyAIGame, told: frozenset[Cell]) -> _Plan:
        """Return a plan whose bot has watched everything that was played."""
        self._world.reset(self._seed)
        plan = _Plan(self._world, Bot(self._world, told), told)
        played = game.record.primitives
        try:
            for primitive in played:
                plan.bot.suggest(plan.last)
                self._world.step(primitive)
                plan.last = primitive
        except BOT_ERRORS:
            # It cannot follow what was played: a new bot starts from here.
            self._world.reset(self._seed)
            for primitive in played:
                self._world.step(primitive)
            plan = _Plan(self._world, Bot(self._world, told), told)
        plan.states.append(state_of(self._world))
        return plan


def _last_index(states: list[State], state: State) -> int:
    return len(states) - 1 - states[::-1].index(state)


def _rejoin(game: BabyAIGame, plan: _Plan) -> str | None:
    """Return the command that leads back to the way, farthest along it, or goes on with the last one; None without any.

    A command is broken off where the view does not change, which can be beside the way of the bot.
    """
    if plan.strayed == _MAX_STRAYED:
        return None
    plan.strayed += 1
    here, index = state_of(game.world), {state: i for i, state in enumerate(plan.states)}
    possible = {command: primitives for command, primitives in game.commands.possible.items() if primitives}
    ends = {command: index.get(_end(here, primitives), 0) for command, primitives in possible.items()}
    best = max(ends, key=lambda command: ends[command], default="")
    if best and ends[best]:
        return best
    rest = plan.intended[len(game.record.primitives) :]
    begun = [c for c, primitives in possible.items() if len(rest) > len(primitives) and _begins(rest, primitives)]
    return max(begun, key=lambda command: len(possible[command]), default=None)


def _begins(primitives: tuple[int, ...], first: tuple[int, ...]) -> bool:
    return primitives[: len(first)] == first


def _farthest(game: BabyAIGame, states: list[State]) -> str | None:
    """Return the command that ends farthest along the way.

    A command that takes fewer primitive actions than the way is no shortcut: the bot went round to see something.
    """
    best, farthest = None, 0
    for command, primitives in game.commands.possible.items():
        end = _end(states[0], primitives)
        for index in range(min(len(states) - 1, len(primitives)), farthest, -1):
            if states[index] == end:
                best, farthest = command, index
                break
    return best


def _end(start: State, primitives: tuple[int, ...]) -> State:
    """Return the state after primitive actions that all succeed."""
    (x, y), direction, changes = start
    for primitive in primitives:
        dx, dy = VECTORS[direction]
        if primitive in (LEFT, RIGHT):
            direction = (direction + (1 if primitive == RIGHT else -1)) % 4
        elif primitive == FORWARD:
            x, y = x + dx, y + dy
        else:
            changes = (*changes, (primitive, (x + dx, y + dy)))
    return (x, y), direction, changes


def _wander(game: BabyAIGame) -> str:
    """Return a command for when the bot has given up."""
    turned = game.record.primitives[-1:] in ((LEFT,), (RIGHT,))
    free = "move forward" in game.commands.possible and game.scene.ahead in ("", "door")
    return "move forward" if free and turned else "turn right"
