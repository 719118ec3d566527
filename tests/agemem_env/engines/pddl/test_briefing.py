"""What is told of generated tasks."""

from __future__ import annotations

import numpy as np

from agemem_env.engines.pddl.briefing import fact_text
from agemem_env.engines.pddl.engine import PDDLEngine
from tests.agemem_env.engines.pddl.generated import TASKS, setup_of


def test_facts_are_true_and_corrections_correct(engine: PDDLEngine) -> None:
    revised = 0
    for task in (engine.tasks[i] for i in TASKS):
        setup = setup_of(task)
        start = {*setup.ground.problem.init}
        goal = {literal.atom for literal in setup.ground.problem.goal}
        for i, (fact, atom) in enumerate(zip(task.facts, setup.told, strict=True)):
            assert setup.place in task.query
            assert (setup.place in fact.text and fact.useful) == fact.gold
            if atom is None:
                assert not fact.gold
                continue
            wish = fact.gold and bool(setup.hidden_goals)
            assert fact.text.removesuffix(" now.") + "." * fact.text.endswith(" now.") == fact_text(
                setup.ground.kind, setup.place, atom, goal=wish
            )
            true = atom in (goal if wish else start)
            assert true == (i not in task.superseded), f"{fact.text} in {task.id}"
        for old, new in task.superseded.items():
            revised += 1
            assert task.facts[old].useful
            assert new >= old + 2, "a correction follows at once"
        assert not any(setup.place in text for text in task.distractors)
        assert 3 <= len(task.distractors) <= 5
    assert revised >= len(TASKS) // 3


def test_what_the_plan_needs_is_hidden_and_told(engine: PDDLEngine) -> None:
    for task in (engine.tasks[i] for i in TASKS):
        setup = setup_of(task)
        opening = engine.reset(task, np.random.default_rng(0), briefed=True)
        shown = f"{opening} {task.query} {engine.step('look around').text}".lower()
        bare = [f.text.split(", ", 1)[1].removesuffix(".").removesuffix(" now").lower() for f in task.gold_facts]
        assert bare
        assert not any(text in shown for text in bare)
        plain = engine.reset(task, np.random.default_rng(0), briefed=False).lower()
        assert all(text in f"{plain} {task.query}".lower() for text in bare)
        world = setup.ground.world
        needed = {a for i in setup.ground.plan or () for a in world.members(world.actions[i].needs & world.init)}
        hidden = {atom for group in setup.ground.groups for atom in group} | set(setup.hidden_goals)
        told = {atom for atom, fact in zip(setup.told, task.facts, strict=True) if fact in task.gold_facts}
        assert told == (needed & hidden) | set(setup.hidden_goals)
