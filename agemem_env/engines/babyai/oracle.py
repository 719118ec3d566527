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

_HORIZON = 30
"""Primitive actions that the plan runs ahead of the game."""


@dataclass
class _Plan:
    """The bot's way from some state on, in a world of its own.

    Attributes:
        told: What the bot was told.
        states: The states on the way, the first one included.
        exhausted: The bot has finished or given up.
    """

    world: BabyAIWorld
    bot: Bot
    told: frozenset[Cell]
    states: list[State] = field(default_factory=list)
    last: int | None = None
    exhausted: bool = False

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
        if plan is None or plan.told != cells or here not in plan.states:
            plan = self._plan = self._make_plan(game, cells)
        index = _last_index(plan.states, here)
        del plan.states[:index]
        plan.extend(_HORIZON + 1)
        return _farthest(game, plan.states) or _wander(game)

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
