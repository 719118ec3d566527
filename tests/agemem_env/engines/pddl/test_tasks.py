"""Generated tasks and what stage 3 hides of them."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from agemem_env.engines.pddl.briefing import fact_text
from agemem_env.engines.pddl.builtin import DOMAINS
from agemem_env.engines.pddl.engine import PDDLEngine
from agemem_env.engines.pddl.generators import DIFFICULTIES, SPLIT_SIZES, generate, split_of
from agemem_env.engines.pddl.setup import PDDLSetup
from agemem_env.engines.pddl.tasks import generated_tasks
from agemem_env.types import Task

TASKS = range(24)


def setup_of(task: Task) -> PDDLSetup:
    setup: PDDLSetup = task.data["setup"]
    return setup


def play(engine: PDDLEngine, task: Task, known: list[str], limit: int) -> tuple[bool, int]:
    engine.reset(task, np.random.default_rng(0), briefed=True)
    for turn in range(limit):
        call = engine.oracle(known)
        if call.name == "answer":
            return False, turn
        if engine.step(call.arguments["command"]).done:
            return True, turn + 1
    return False, limit


@pytest.fixture(scope="module")
def engine() -> PDDLEngine:
    return PDDLEngine(split="test", source="generated")


@pytest.mark.parametrize("split", SPLIT_SIZES)
def test_problems_belong_to_their_split_and_have_a_plan(split: str) -> None:
    tasks = generated_tasks(split, "agemem", None)
    assert len(tasks) == SPLIT_SIZES[split]
    for index in (*range(12), len(tasks) - 1):
        task, setup = tasks[index], setup_of(tasks[index])
        ground = setup.ground
        assert task.id == f"gen-{split}-{DOMAINS[index % 4]}-{index:06}"
        assert split_of(ground.problem) == split
        assert setup.difficulty == DIFFICULTIES[index // 4 % 3]
        assert ground.plan
        end = ground.planner.run(ground.world.init, ground.plan)
        assert end is not None
        assert ground.world.solved(end)
        assert not ground.world.solved(ground.world.init)


def test_equal_indices_give_equal_problems() -> None:
    for number in TASKS:
        first, second = generate("train", number), generate("train", number)
        assert first[0] == second[0]
        assert first[2].random() == second[2].random()


def test_problems_differ() -> None:
    problems = [generate("valid", number)[0].problem for number in range(60)]
    assert all(first != second for first, second in combinations(problems, 2))


def test_one_domain_can_be_played_alone() -> None:
    tasks = PDDLEngine(split="valid", source="generated", domain="barman").tasks
    assert len(tasks) == 50
    assert {setup_of(task).ground.kind for task in tasks[:5]} == {"barman"}
    assert tasks[3] == tasks.get(tasks[3].id)


def test_facts_are_true_and_corrections_correct(engine: PDDLEngine) -> None:
    revised = 0
    for task in (engine.tasks[i] for i in TASKS):
        setup = setup_of(task)
        start = {*setup.ground.problem.init}
        goal = {literal.atom for literal in setup.ground.problem.goal}
        for i, (fact, atom) in enumerate(zip(task.facts, setup.told, strict=True)):
            assert setup.place in fact.text
            assert setup.place in task.query
            wish = fact.gold and bool(setup.hidden_goals)
            assert fact.text.removesuffix(" now.") + "." * fact.text.endswith(" now.") == fact_text(
                setup.ground.kind, setup.place, atom, goal=wish
            )
            true = atom in (goal if wish else start)
            assert true == (i not in task.superseded), f"{fact.text} in {task.id}"
        for old, new in task.superseded.items():
            revised += 1
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


def test_listed_commands_do_not_tell_what_is_hidden(engine: PDDLEngine) -> None:
    task = next(t for t in engine.tasks if setup_of(t).ground.kind == "barman")
    engine.reset(task, np.random.default_rng(0), briefed=True)
    engine.step("grasp left shot1")
    fills = [command.split() for command in engine.admissible() if command.startswith("fill-shot")]
    ingredients, dispensers = {words[2] for words in fills}, {words[5] for words in fills}
    assert len(fills) == len(ingredients) * len(dispensers) > 3


def test_a_wrong_guess_is_answered_and_shown_no_more(engine: PDDLEngine) -> None:
    task = next(t for t in engine.tasks if setup_of(t).ground.kind == "barman")
    setup = setup_of(task)
    engine.reset(task, np.random.default_rng(0), briefed=True)
    engine.step("grasp left shot1")
    true = {(atom[1], atom[2]) for atom in setup.ground.problem.init if atom[0] == "dispenses"}
    fills = [command.split() for command in engine.admissible() if command.startswith("fill-shot")]
    wrong = next(words for words in fills if (words[5], words[2]) not in true)
    before = engine.state_hash()
    reply = engine.step(" ".join(wrong))
    assert reply.valid
    assert reply.text == f"That is not possible: it is not so that {wrong[5]} pours {wrong[2]}."
    assert engine.state_hash() != before
    assert " ".join(wrong) not in engine.admissible()
    right = next(words for words in fills if (words[5], words[2]) in true)
    assert f"{right[5]} pours {right[2]}".capitalize() in engine.step(" ".join(right)).text


def test_rooms_show_their_balls(engine: PDDLEngine) -> None:
    task = next(t for t in engine.tasks if setup_of(t).ground.kind == "gripper")
    start = {atom[0]: atom[1] for atom in setup_of(task).ground.problem.init}["at-robby"]
    _, ball, room = next(a for a in setup_of(task).ground.problem.init if a[0] == "at" and a[2] != start)
    engine.reset(task, np.random.default_rng(0), briefed=True)
    text = engine.step(f"move {start} {room}").text
    assert f"{ball.capitalize()} lies in {room}." in text
    assert f"pick {ball} {room} left" in engine.admissible()


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
        if setup_of(task).ground.kind != "tyreworld" or not task.superseded:
            continue
        (old,) = task.superseded
        setup = setup_of(task)
        if setup.told[old][0] != "in":
            continue
        found += 1
        stale = [f.text for f in task.gold_facts if f.supersedes is None] + [task.facts[old].text]
        current = [f.text for f in task.gold_facts]
        assert play(engine, task, stale, 400)[1] > play(engine, task, current, 400)[1] - 1
        both = play(engine, task, [*stale, *current], 400)
        assert both == play(engine, task, current, 400)
    assert found


def test_official_protocol_hides_nothing() -> None:
    engine = PDDLEngine(split="test", source="generated", protocol="agentboard")
    task = engine.tasks[1]
    assert task.query.startswith("The goal is to satisfy the following conditions: ")
    assert task.max_rounds is None
    texts: list[Any] = [engine.reset(task, np.random.default_rng(0), briefed=b) for b in (True, False)]
    assert texts[0] == texts[1]
