"""The expert with facts and without."""

from __future__ import annotations

import numpy as np

from agemem_env.engines.pddl.engine import PDDLEngine
from agemem_env.types import Task
from tests.agemem_env.engines.pddl.generated import setup_of


def play(engine: PDDLEngine, task: Task, known: list[str], limit: int) -> tuple[bool, int]:
    engine.reset(task, np.random.default_rng(0), briefed=True)
    for turn in range(limit):
        call = engine.oracle(known)
        if call.name == "answer":
            return False, turn
        if engine.step(call.arguments["command"]).done:
            return True, turn + 1
    return False, limit


def test_the_informed_expert_solves_every_task_within_the_limit(engine: PDDLEngine) -> None:
    for task in (engine.tasks[i] for i in range(60)):
        assert task.max_rounds is not None
        solved, _ = play(engine, task, [fact.text for fact in task.gold_facts], task.max_rounds - 2)
        assert solved, task.id


def test_the_expert_without_facts_explores_and_never_looks(engine: PDDLEngine) -> None:
    for kind in ("gripper", "tyreworld", "blockworld"):
        tasks = [t for t in engine.tasks[:48] if setup_of(t).ground.kind == kind][:4]
        for task in tasks:
            informed = play(engine, task, [fact.text for fact in task.gold_facts], 400)[1]
            solved, turns = play(engine, task, [], 400)
            assert solved, f"{task.id} is not solved by trying everything"
            assert turns >= informed


def test_the_expert_acts_on_what_it_was_told_even_if_it_is_outdated(engine: PDDLEngine) -> None:
    found = 0
    for task in engine.tasks[:40]:
        setup = setup_of(task)
        revised = [old for old in task.superseded if task.facts[old].gold and (setup.told[old] or ("",))[0] == "in"]
        if setup.ground.kind != "tyreworld" or not revised:
            continue
        found += 1
        stale = [f.text for f in task.gold_facts if f.supersedes is None] + [task.facts[old].text for old in revised]
        current = [f.text for f in task.gold_facts]
        assert play(engine, task, stale, 400)[1] > play(engine, task, current, 400)[1] - 1
        both = play(engine, task, [*stale, *current], 400)
        assert both == play(engine, task, current, 400)
    assert found
