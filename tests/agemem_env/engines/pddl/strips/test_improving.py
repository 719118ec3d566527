"""Plans are made shorter, within a budget that is counted and not timed."""

from __future__ import annotations

import numpy as np
import pytest

from agemem_env.engines.pddl.builtin import builtin_domain
from agemem_env.engines.pddl.engine import PDDLEngine
from agemem_env.engines.pddl.generators import MAX_EVALUATIONS, generate
from agemem_env.engines.pddl.strips.improving import improve
from agemem_env.engines.pddl.strips.parser import Literal, Problem
from agemem_env.engines.pddl.strips.planner import Planner
from agemem_env.engines.pddl.strips.strips import StripsWorld


def gripper(there: int, back: int, start: str = "rooma") -> StripsWorld:
    """Return a robot with two hands between two rooms, balls to be carried there and others back."""
    balls = [f"ball{i}" for i in range(there + back)]
    places = {ball: "rooma" if i < there else "roomb" for i, ball in enumerate(balls)}
    init = [("room", "rooma"), ("room", "roomb"), ("gripper", "left"), ("gripper", "right"), ("at-robby", start)]
    init += [("free", "left"), ("free", "right"), *(("ball", ball) for ball in balls)]
    init += [("at", ball, room) for ball, room in places.items()]
    goal = [Literal(("at", ball, "roomb" if room == "rooma" else "rooma")) for ball, room in places.items()]
    objects = tuple((name, "object") for name in ("rooma", "roomb", *balls, "left", "right"))
    return StripsWorld(builtin_domain("gripper"), Problem("p", "gripper-strips", objects, tuple(init), tuple(goal)))


@pytest.mark.parametrize(
    ("there", "back", "start", "best"),
    [(4, 0, "rooma", 11), (10, 0, "rooma", 29), (10, 0, "roomb", 30), (6, 6, "rooma", 30), (3, 3, "roomb", 16)],
)
def test_both_hands_are_used_and_no_way_is_gone_empty(there: int, back: int, start: str, best: int) -> None:
    world = gripper(there, back, start)
    plan = Planner(world).plan(world.init, world.goal_needs, world.goal_forbids)
    assert plan is not None
    end = world.run(world.init, plan)
    assert end is not None
    assert world.solved(end)
    assert len(plan) == best
    greedy = Planner(world).plan(world.init, world.goal_needs, world.goal_forbids, work=0)
    assert greedy is not None
    assert len(greedy) > best, "the first plan wastes moves"


def test_the_budget_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    world = gripper(10, 0)
    planner = Planner(world)
    greedy = planner.plan(world.init, world.goal_needs, work=0)
    assert greedy is not None
    judged = 0
    relaxed = planner.estimate

    def counted(state: int, wanted: list[int]) -> object:
        nonlocal judged
        judged += 1
        return relaxed(state, wanted)

    monkeypatch.setattr(planner, "estimate", counted)
    states = 50
    plan = improve(world, planner, world.init, world.goal_needs, 0, greedy, states * len(world.actions))
    assert judged <= states
    assert len(plan) <= len(greedy)


def test_what_must_not_hold_does_not_hold_at_the_end() -> None:
    world = gripper(2, 0)
    avoid = world.bit["at-robby", "roomb"]
    plan = Planner(world).plan(world.init, world.goal_needs, avoid)
    assert plan is not None
    end = world.run(world.init, plan)
    assert end is not None
    assert not end & avoid
    assert len(plan) == 6


def test_improved_plans_of_generated_problems_work_and_are_repeated() -> None:
    shorter = 0
    for number in range(16):
        ground, _, _ = generate("valid", number)
        assert generate("valid", number)[0].plan == ground.plan
        world = ground.world
        assert ground.plan is not None
        end = ground.world.run(world.init, ground.plan)
        assert end is not None
        assert world.solved(end)
        greedy = ground.planner.plan(world.init, world.goal_needs, world.goal_forbids, MAX_EVALUATIONS, 0)
        assert greedy is not None
        assert len(ground.plan) <= len(greedy)
        shorter += len(ground.plan) < len(greedy)
    assert shorter >= 5


def test_the_expert_plays_the_improved_plan_where_nothing_is_hidden() -> None:
    engine = PDDLEngine(split="test", source="generated", protocol="agentboard")
    for task in engine.tasks[:8]:
        plan = task.data["setup"].ground.plan
        engine.reset(task, np.random.default_rng(0), briefed=False)
        for turn in range(1, len(plan) + 1):
            call = engine.oracle(())
            done = engine.step(call.arguments["command"]).done
            assert done == (turn == len(plan))
