"""AgentBoard's protocol in ALFWorld, on a game whose course is worked out by hand, in both dialects."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest

from agemem_env.data import data_root
from agemem_env.engines.alfworld.agentboard import patterns
from agemem_env.engines.alfworld.engine import ALFWorldEngine
from agemem_env.engines.alfworld.homes.goal import Goal
from agemem_env.engines.alfworld.rules.dialect import NEW, OLD
from agemem_env.engines.alfworld.tasks import build_task
from tests.agemem_env.engines.alfworld.games import in_older_dialect
from tests.agemem_env.engines.alfworld.home import home

pytest.importorskip("textworld", reason="the extra alfworld is not installed")
pytest.importorskip("fast_downward", reason="the extra alfworld is not installed")

pytestmark = pytest.mark.usefixtures("cache")

LABELS = sorted((data_root() / "agentboard_labels").glob("alfworld*.jsonl"))
ROOM = (
    "You are in the middle of a room. Looking quickly around you, you see a cabinet 2, a cabinet 1, a countertop 1, a desk 1, "
    "a fridge 1, a microwave 1, a shelf 1, and a sinkbasin 1."
)
AT_THE_SHELF = "On the shelf 1, you see a mug 2."
NOTHING = "Nothing happens."


@pytest.mark.parametrize("older", [False, True], ids=["new", "old"])
def test_a_game_worked_out_by_hand(older: bool) -> None:
    game = home("pick_two_obj_and_place", "Mug", "CounterTop")
    task = build_task("home", "test", "generated", "agentboard", in_older_dialect(game) if older else game)
    made = ALFWorldEngine(source="generated", protocol="agentboard")
    assert (task.query, task.max_rounds) == ("put two mug in countertop.", 30)
    assert made.reset(task, np.random.default_rng(0), briefed=False) == ROOM
    # The rule that takes an arrival away knows only the older wording.
    shelf = AT_THE_SHELF if older else f"You arrive at shelf 1. {AT_THE_SHELF}"
    put = "You put the mug {} in/on the countertop 1." if older else "You move the mug {} to the countertop 1."
    course = [
        ("look", ROOM, 0, True),
        ("go to the moon", NOTHING, 0, False),
        ("go to shelf 1", shelf, 1 / 4, True),
        ("look", shelf, 1 / 4, True),
        (" take mug 2 from shelf 1. ", "You pick up the mug 2 from the shelf 1.", 2 / 4, True),
        ("look", shelf, 2 / 4, True),
        ("inventory", "You are carrying: a mug 2.", 2 / 4, True),
        ("Go to countertop 1", NOTHING, 2 / 4, False),
        ("go to countertop 1", None, 2 / 4, True),
        ("put mug 2 in countertop 1", put.format(2), 3 / 4, True),
        ("go to cabinet 1", None, 3 / 4, True),
        ("open cabinet 1", "You open the cabinet 1. The cabinet 1 is open. In it, you see a mug 1.", 3 / 4, True),
        ("close cabinet 1", "You close the cabinet 1.", 3 / 4, True),
        ("look", "You open the cabinet 1. The cabinet 1 is open. In it, you see a mug 1.", 3 / 4, True),
        ("open cabinet 1", None, 3 / 4, True),
        ("take mug 1 from cabinet 1", None, 3 / 4, True),
        ("go to countertop 1", None, 3 / 4, True),
        ("put mug 1 on countertop 1", put.format(1), 1, True),
    ]
    for command, text, progress, valid in course:
        step = made.step(command)
        assert (step.text if text else None, step.progress, step.valid) == (text, progress, valid), command
    assert step.done and step.success


def test_help_lists_the_commands_and_leaves_the_game_alone() -> None:
    task = build_task("home", "test", "generated", "agentboard", home("pick_and_place_simple", "Mug", "CounterTop"))
    made = ALFWorldEngine(source="generated", protocol="agentboard")
    made.reset(task, np.random.default_rng(0), briefed=False)
    before = made.state_hash()
    step = made.step("check valid actions.")
    assert step.text == "Choose an action from these valid actions: " + ", ".join(made.admissible())
    assert step.valid and made.state_hash() == before


@pytest.mark.parametrize(
    ("goal", "dialect", "seen", "unseen"),
    [
        (Goal("egg", "fridge", "cool"), OLD, "You cool the egg 1 using the fridge 1.", "You cool the egg 1 with it"),
        (Goal("pan", "shelf", "clean"), NEW, "You clean the pan 12 using the sinkbasin 1.", "You clean the pan"),
        (
            Goal("mug", "desk", count=2),
            NEW,
            "You move the mug 1 to the desk 2.",
            "You put the mug 1 in/on the desk 2.",
        ),
        (Goal("cd", lamp="desklamp"), OLD, "On the desk 1, you see a desklamp 1.", "a desklamp 1"),
        (
            Goal("mug", "desk", "heat"),
            OLD,
            "You heat the mug 1 using the microwave 1.",
            "You cool the mug 1 using the",
        ),
    ],
)
def test_the_last_sub_goal_of_each_type(goal: Goal, dialect: object, seen: str, unseen: str) -> None:
    assert dialect in (OLD, NEW)
    last = patterns(goal, OLD if dialect is OLD else NEW)[2]
    assert last.search(seen) and not last.search(unseen)


@pytest.mark.skipif(not LABELS, reason="AGEMEM_DATA has no labels of AgentBoard")
def test_sub_goals_are_those_of_the_labels() -> None:
    rows = [json.loads(line) for path in LABELS for line in path.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        folder, _ = row["additional_info"]["description"].split("/")
        task_type, thing, _, other, _ = folder.lower().split("-")
        treated = re.match(r"pick_(clean|heat|cool)_then", task_type)
        goal = {
            "look_at_obj_in_light": Goal(thing, lamp=other),
            "pick_two_obj_and_place": Goal(thing, other, count=2),
        }.get(task_type, Goal(thing, other, treated[1] if treated else ""))  # type: ignore[arg-type]
        assert [pattern.pattern for pattern in patterns(goal, OLD)] == row["subgoals"]
    assert rows
