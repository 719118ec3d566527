"""The BabyAI engine on minigrid's levels."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from agemem_env.engines.babyai.engine import BabyAIEngine
from agemem_env.engines.babyai.tasks import BabyAISpec, bare_task

pytestmark = pytest.mark.skipif(find_spec("minigrid") is None, reason="the extra [babyai] is not installed")

RNG = np.random.default_rng(0)


def engine(**kwargs: Any) -> BabyAIEngine:
    return BabyAIEngine(**{"source": "generated", **kwargs})


def start(level: str, seed: int, protocol: str = "agemem", subgoals: tuple[str, ...] = ()) -> BabyAIEngine:
    made = engine(protocol=protocol)
    made.reset(bare_task(BabyAISpec(f"BabyAI-{level}-v0", seed, "", subgoals)), RNG, briefed=False)
    return made


def test_default_protocol_mends_the_oddities() -> None:
    made = start("PickupLoc", 1234)
    assert made.step("inventory").text.startswith("You are not carrying anything. You are on square ")
    assert made.step("Pick up red key 1 ").text.count("You are carrying a red key.") == 1
    assert not made.step("pick up red key 1").valid


def test_agentboard_keeps_the_oddities() -> None:
    made = start("PickupLoc", 1234, "agentboard")
    for command in ("inventory", "pick up red key 1", "fly"):
        step = made.step(command)
        assert (step.text, step.valid) == ("The action is not recognized. Please check valid actions.", False)
    assert made.step("").text == "No change in state."
    assert made.step("please CHECK").text.startswith("You can take the following actions: turn left, turn right")


def test_a_door_opened_on_the_way_ends_the_default_protocol_only() -> None:
    results = {}
    for protocol in ("agemem", "agentboard"):
        made = start("OpenRedDoor", 1234, protocol, (" There is a red closed door **", " There is a red open door **"))
        made.step("turn right")
        results[protocol] = made.step("toggle and go through red closed door 1")
    assert (results["agemem"].done, results["agemem"].progress) == (True, 1.0)
    assert (results["agentboard"].done, results["agentboard"].progress) == (False, 0.5)


def test_parts_of_an_instruction_count_without_labels() -> None:
    made = engine(levels="BabyAI-GoToSeqS5R2-v0")
    values = set()
    for task in made.tasks[:8]:
        made.reset(task, RNG, briefed=True)
        for _ in range(40):
            step = made.step(made.oracle([fact.text for fact in task.facts]).arguments["command"])
            values.add(step.progress)
            if step.done:
                break
        assert step.success and step.progress == 1.0
    assert values - {0.0, 1.0}, "no instruction was ever partly done"


def test_snapshots_bring_back_the_oracle_too() -> None:
    made = engine()
    task = made.tasks[3]
    made.reset(task, RNG, briefed=True)
    known = [fact.text for fact in task.gold_facts]
    made.step(made.oracle(known).arguments["command"])
    saved, state = made.snapshot(), made.state_hash()
    ahead = [made.step(made.oracle(known).arguments["command"]).text for _ in range(2)]
    assert made.state_hash() != state
    made.restore(saved)
    assert made.state_hash() == state
    assert [made.step(made.oracle(known).arguments["command"]).text for _ in range(2)] == ahead
