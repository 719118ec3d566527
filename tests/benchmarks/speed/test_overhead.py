"""The cost of the layers: what is played in each of them, and the table."""

from __future__ import annotations

import sys
from functools import partial
from typing import ClassVar

import pytest

from agemem_env.engines.babyai.package import make_level
from agemem_env.env import AgeMemEnv
from benchmarks.speed import overhead
from benchmarks.speed.overhead import Costs, Game, Start, StockEngine
from benchmarks.speed.stock import babyai as stock_babyai


@pytest.fixture(autouse=True)
def once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overhead, "REPEATS", 1)


class Counting(StockEngine):
    """A stock engine that notes what it plays."""

    name = "counting"
    played: ClassVar[list[str]] = []
    closed = 0

    def prepare(self, game: Game) -> Start:
        return Start(lambda: None, [partial(self.played.append, command) for command in game.commands])

    def script(self, game: Game) -> str:
        return f"# {game.task.id}"

    def close(self) -> None:
        Counting.closed += 1


def test_all_layers_play_the_same_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overhead, "STOCK_ENGINES", {"PDDL": "tests.benchmarks.speed.test_overhead:Counting"})
    Counting.played.clear()
    stepped: list[str] = []
    step = AgeMemEnv.step

    def watched(self: AgeMemEnv, action: dict[str, dict[str, str]]) -> object:
        stepped.append(action["arguments"]["command"])
        return step(self, action)

    monkeypatch.setattr(AgeMemEnv, "step", watched)
    costs = overhead.measure("PDDL", "AgeMem-PDDL-v0", 2, {"source": "generated"})
    assert costs is not None
    assert costs.commands == len(Counting.played) > 10
    assert stepped == 2 * Counting.played  # recorded first, then timed
    assert (costs.package, Counting.closed) == ("counting", 1)
    assert costs.alone.startswith("# gen-")
    assert min(costs.stock or 0, costs.engine, costs.env) > 0


def test_minigrid_takes_the_primitive_actions_of_our_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    env = AgeMemEnv("BabyAI", source="generated", stages=(3,))
    game = overhead._record(env, 4)
    levels = []

    def kept(level: str) -> object:
        levels.append(make_level(level))
        return levels[-1]

    monkeypatch.setattr(stock_babyai, "make_level", kept)
    start = stock_babyai.Minigrid().prepare(game)
    start.reset()
    texts = [str(carry_out()) for carry_out in start.play]
    assert all("You are" in text for text in texts)
    (level,) = levels
    world = env.engine.snapshot()[1]
    assert level.step_count == len(world.primitives) > 0


def test_without_the_package_there_is_no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pddlgym.core", None)
    costs = overhead.measure("PDDL", "AgeMem-PDDL-v0", 1, {"source": "generated"})
    assert costs is not None
    assert (costs.package, costs.stock, costs.stock_reset, costs.alone) == ("pddlgym", None, None, "")


def test_benchmarks_without_commands_are_left_out() -> None:
    assert overhead.measure("HotpotQA", "AgeMem-HotpotQA-v0", 1, {"source": "generated"}) is None


def test_ratios() -> None:
    costs = Costs("x", 1, "stock", 50.0, 100.0, 400.0)
    assert (costs.engine_to_stock, costs.env_to_engine) == (2.0, 4.0)
