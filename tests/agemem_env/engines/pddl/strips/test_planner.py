from __future__ import annotations

import pytest

from agemem_env.engines.pddl.builtin import DOMAINS
from agemem_env.engines.pddl.generators import generate
from agemem_env.engines.pddl.strips.parser import Literal, Problem
from agemem_env.engines.pddl.strips.planner import Planner
from agemem_env.engines.pddl.strips.strips import StripsWorld
from tests.agemem_env.engines.pddl.strips.test_strips import DOMAIN


@pytest.mark.parametrize("number", range(len(DOMAINS)))
def test_plans_reach_the_goal_and_have_nothing_to_leave_out(number: int) -> None:
    ground = generate("valid", number)[0]
    world, planner = ground.world, ground.planner
    plan = planner.plan(world.init, world.goal_needs)
    assert plan == planner.plan(world.init, world.goal_needs) == ground.plan
    assert plan is not None
    end = world.run(world.init, plan)
    assert end is not None
    assert world.solved(end)
    for i in range(len(plan)):
        shorter = world.run(world.init, plan[:i] + plan[i + 1 :])
        assert shorter is None or not world.solved(shorter)


def test_no_plan_is_none() -> None:
    problem = Problem("p", "d", (("a", "big"), ("c", "big")), (("at", "a"),), (Literal(("at", "c")),))
    world = StripsWorld(DOMAIN, problem)
    assert Planner(world).plan(world.init, world.goal_needs) is None
    assert world.run(world.init, []) == world.init
