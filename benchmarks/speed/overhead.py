"""What the layers of an environment cost: the stock engine, our engine and the whole environment on the same commands.

The stock engine is the one that others play the benchmark with. Where ours is built on it (minigrid), the difference
is the price of text, macro actions and lists of commands; where ours replaces it (pddlgym), it is the gain.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from types import MappingProxyType
from typing import Any, cast

import numpy as np

from agemem_env.engines import TaskEngine
from agemem_env.env import AgeMemEnv
from agemem_env.services.tokens import CachedCounter, EstimateCounter
from agemem_env.types import Task
from benchmarks.specs import make_env

REPEATS = 5
"""Times that each episode is played; of each command the fastest run counts, which other loads disturb least."""

Play = Sequence[Callable[[], object]]
"""What carries out the commands of one episode, one by one; nothing else of it is timed."""

Layer = Callable[["Game"], "Start"]
"""Prepares a game in one layer."""


@dataclass(frozen=True)
class Game:
    """An episode to be timed: a task and valid commands on it, the last of which may end it."""

    task: Task
    commands: tuple[str, ...]


@dataclass(frozen=True)
class Start:
    """A game made ready in one layer.

    Attributes:
        reset: What begins it.
        play: What carries out its commands once it has begun.
    """

    reset: Callable[[], object]
    play: Play


class StockEngine(ABC):
    """The engine that others play a benchmark with.

    The constructor imports it and lets an ImportError through: without it, the column is empty.
    """

    name: str
    """Its package."""

    @abstractmethod
    def prepare(self, game: Game) -> Start:
        """Return what starts the task and what carries out the commands as this engine takes them."""

    @abstractmethod
    def script(self, game: Game) -> str:
        """Return a program that plays the task in this package alone.

        It starts ``int(sys.argv[1])`` environments and plays some steps at random in each; it writes a line when the
        first has begun and one when all have been played, and ends when its input does.
        """

    def close(self) -> None:  # noqa: B027 - most hold nothing that needs closing
        """Release processes and files."""


STOCK_ENGINES: Mapping[str, str] = MappingProxyType(
    {
        "ALFWorld": "benchmarks.speed.stock.alfworld:TextWorldGym",
        "BabyAI": "benchmarks.speed.stock.babyai:Minigrid",
        "PDDL": "benchmarks.speed.stock.pddl:PDDLGym",
        "SciWorld": "benchmarks.speed.stock.sciworld:ScienceWorld",
    }
)
"""Benchmark -> ``module:class`` of its stock engine."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Mean times per command, in microseconds.

    Attributes:
        benchmark: Name of the benchmark.
        commands: Commands timed.
        package: The stock engine's package; empty if there is none.
        stock: Time of the stock engine; None if it is not installed.
        engine: Time of our engine, with the list of commands where the environment asks for it at each step.
        env: Time of the environment's `step`.
        stock_reset: Milliseconds of the stock engine's reset; None if it is not installed.
        alone: Program that plays in the stock engine's package alone, see `StockEngine.script`; empty without it.
    """

    benchmark: str
    commands: int
    package: str
    stock: float | None
    engine: float
    env: float
    stock_reset: float | None = None
    alone: str = ""

    @property
    def engine_to_stock(self) -> float | None:
        """The engine's time as a multiple of the stock engine's.

        >>> Costs("x", 10, "stock", 200.0, 300.0, 400.0).engine_to_stock
        1.5
        """
        return None if self.stock is None else self.engine / self.stock

    @property
    def env_to_stock(self) -> float | None:
        """The environment's time as a multiple of the stock engine's."""
        return None if self.stock is None else self.env / self.stock

    @property
    def env_to_engine(self) -> float:
        """The environment's time as a multiple of the engine's."""
        return self.env / self.engine


def measure(benchmark: str, env_id: str, episodes: int, kwargs: Mapping[str, Any]) -> Costs | None:
    """Time random valid commands on the plain benchmark, which is stage 3 alone.

    Args:
        benchmark: Name of the benchmark.
        env_id: What `make_env` takes for it.
        episodes: Number of episodes.
        kwargs: Further arguments of the environment.

    Returns:
        The costs, or None if the benchmark is not played with commands.
    """
    counter = CachedCounter(EstimateCounter(), 1)  # repeated episodes must not profit from remembered counts
    env = make_env(env_id, {**kwargs, "stages": [3], "token_counter": counter}, checker=False)
    core = cast(AgeMemEnv, env.unwrapped)
    with closing(env), ExitStack() as stack:
        if not core.engine.has_commands:
            return None
        games = [_record(core, seed) for seed in range(episodes)]
        package, stock = find_stock(benchmark)
        layers: list[Layer] = [partial(_engine_play, core.engine), partial(_env_play, core)]
        if stock is not None:
            layers.append(stack.enter_context(closing(stock)).prepare)
        engine_time, env_time, *stock_time = _time(layers, games)
        alone = "" if stock is None else stock.script(games[0])
    commands = sum(len(game.commands) for game in games)
    steps, reset = stock_time[0] if stock_time else (None, None)
    return Costs(benchmark, commands, package, steps, engine_time[0], env_time[0], reset, alone)


def _record(env: AgeMemEnv, seed: int) -> Game:
    """Play an episode with random valid commands."""
    rng = np.random.default_rng(seed)
    env.reset(seed=seed)
    commands: list[str] = []
    over = False
    while not over:
        allowed = env.admissible_commands()
        commands.append(allowed[int(rng.integers(len(allowed)))])
        _, _, terminated, truncated, _ = env.step(_call(commands[-1]))
        over = terminated or truncated
    return Game(env.task, tuple(commands))


def _call(command: str) -> dict[str, Any]:
    return {"name": "act", "arguments": {"command": command}}


def _engine_play(engine: TaskEngine, game: Game) -> Start:
    def play(command: str) -> None:
        """Play a command, and list the next ones where the environment would."""
        engine.step(command)
        if engine.lists_commands:
            engine.admissible()

    def reset() -> None:
        engine.reset(game.task, np.random.default_rng(0), briefed=False)
        engine.admissible()  # some load their world when they are first asked for something

    return Start(reset, [partial(play, command) for command in game.commands])


def _env_play(env: AgeMemEnv, game: Game) -> Start:
    def reset() -> None:
        env.reset(options={"task": game.task.id})
        env.admissible_commands()  # as above

    return Start(reset, [partial(env.step, _call(command)) for command in game.commands])


def find_stock(benchmark: str) -> tuple[str, StockEngine | None]:
    """Return the package of the stock engine, empty if there is none, and the engine if it can be imported."""
    if benchmark not in STOCK_ENGINES:
        return "", None
    module, _, name = STOCK_ENGINES[benchmark].partition(":")
    stock: type[StockEngine] = getattr(import_module(module), name)
    try:
        return stock.name, stock()
    except ImportError:
        return stock.name, None


def _time(layers: Sequence[Layer], games: Sequence[Game]) -> list[tuple[float, float]]:
    """Return the mean time of a command in microseconds and of a reset in milliseconds; the layers take turns."""
    seconds, resets = [0.0] * len(layers), [0.0] * len(layers)
    for game in games:
        runs: list[list[list[float]]] = [[] for _ in layers]
        for _ in range(REPEATS):
            for i, (layer, times) in enumerate(zip(layers, runs, strict=True)):
                start = layer(game)
                resets[i] += _seconds(start.reset)
                times.append([_seconds(carry_out) for carry_out in start.play])
        for i, times in enumerate(runs):
            seconds[i] += sum(map(min, zip(*times, strict=True)))
    commands = sum(len(game.commands) for game in games)
    started = len(games) * REPEATS
    return [(1e6 * s / commands, 1e3 * r / started) for s, r in zip(seconds, resets, strict=True)]


def _seconds(carry_out: Callable[[], object]) -> float:
    start = time.perf_counter()
    carry_out()
    return time.perf_counter() - start
