from __future__ import annotations

from importlib.util import find_spec

import pytest

from agemem_env.engines.sciworld.engine import SciWorldEngine
from agemem_env.engines.sciworld.plans import PlannedAct, make_plan
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.engines.sciworld.study.study import implied, needed
from tests.agemem_env.engines.sciworld.laboratory import CUPBOARD, POT, STOCK
from tests.agemem_env.engines.sciworld.test_oracle import BOIL, QUERY
from tests.agemem_env.engines.sciworld.test_tasks import RNG, SIMPLIFICATIONS

pytestmark = pytest.mark.skipif(find_spec("scienceworld") is None, reason="the extra [sciworld] is not installed")


def test_what_is_hidden_is_told_and_what_follows_from_it_is_not() -> None:
    assert needed(BOIL, QUERY) == [POT]
    assert implied([POT], STOCK) == {CUPBOARD}
    assert needed(make_plan([PlannedAct("kitchen", "activate stove")], STOCK), "Use the stove in the kitchen.") == []


def test_the_first_observation_is_the_simulators(engine: SciWorldEngine, simulator: SciWorldSimulator) -> None:
    for task in engine.tasks[:5]:
        spec = task.data["spec"]
        assert engine.reset(task, RNG, briefed=True) == simulator.load(spec.task, spec.variation, SIMPLIFICATIONS)
