"""The expert with facts and without."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from agemem_env.engines.babyai.engine import BabyAIEngine
from agemem_env.types import Task
from tests.agemem_env.engines.babyai.test_engine import RNG, engine

pytestmark = pytest.mark.skipif(find_spec("minigrid") is None, reason="the extra [babyai] is not installed")


def play(made: BabyAIEngine, task: Task, *, informed: bool) -> tuple[int, bool]:
    """Let the oracle play a briefed task; return commands and success."""
    made.reset(task, RNG, briefed=True)
    known = [fact.text for fact in task.gold_facts] if informed else []
    assert task.max_rounds is not None
    for turn in range(1, task.max_rounds + 1):
        step = made.step(made.oracle(known).arguments["command"])
        assert step.valid
        if step.done:
            return turn, step.success
    return task.max_rounds, False


def test_the_informed_oracle_solves_and_memory_saves_commands() -> None:
    made = engine()
    played = [[play(made, task, informed=informed) for informed in (True, False)] for task in made.tasks[:30]]
    informed, uninformed = ([row[side] for row in played] for side in (0, 1))
    assert sum(success for _, success in informed) >= 29
    assert sum(success for _, success in informed) - sum(success for _, success in uninformed) >= 9


def test_an_oracle_that_was_not_briefed_does_not_use_facts() -> None:
    made, task = engine(), engine().tasks[0]
    made.reset(task, RNG, briefed=False)
    first = made.oracle([fact.text for fact in task.gold_facts])
    made.reset(task, RNG, briefed=True)
    assert first == made.oracle([])


def test_the_oracle_follows_an_agent_that_goes_its_own_way() -> None:
    made = engine()
    task = made.tasks[0]
    made.reset(task, RNG, briefed=True)
    known = [fact.text for fact in task.gold_facts]
    for command in ("turn left", "move forward", "turn right", "turn right"):
        made.oracle(known)
        made.step(command)
    for _ in range(40):
        if made.step(made.oracle(known).arguments["command"]).success:
            return
    raise AssertionError("not solved")


def test_places_that_are_not_in_the_house_do_no_harm() -> None:
    made = engine()
    task = made.tasks[0]
    made.reset(task, RNG, briefed=True)
    house = task.data["house"]
    assert made.oracle([f"In the house {house}, the red ball is on square Z99."]).name == "act"
    assert made.oracle([f"In the house {house}, the red ball is on square A0."]).name == "act"
