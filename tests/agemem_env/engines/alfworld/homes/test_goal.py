"""Goals as problems state them; no extra is needed."""

from __future__ import annotations

import pytest

from agemem_env.engines.alfworld.homes.goal import TASK_TYPES, Goal, read_goal
from agemem_env.errors import DataError

LIGHT = "(objectType ?o CDType) (objectType ?ot DeskLampType) (isToggled ?ot) (holds ?a ?o)"
ONE = "(inReceptacle ?o ?r) (objectType ?o ButterKnifeType) (receptacleType ?r SideTableType)"
TWO = "(objectType ?o1 MugType) (objectType ?o2 MugType) (receptacleType ?r DeskType)"
GOALS = {
    ONE: Goal("butterknife", "sidetable"),
    LIGHT: Goal("cd", lamp="desklamp"),
    f"(cleanable ?o) (isClean ?o) {ONE}": Goal("butterknife", "sidetable", "clean"),
    f"(heatable ?o) (isHot ?o) {ONE}": Goal("butterknife", "sidetable", "heat"),
    f"(coolable ?o) (isCool ?o) {ONE}": Goal("butterknife", "sidetable", "cool"),
    TWO: Goal("mug", "desk", count=2),
}


def problem(goal: str) -> str:
    return f"(:init (objectType Egg_1 EggType) (isToggled ?lamp)) (:goal (exists (?r - receptacle) (and {goal})))"


@pytest.mark.parametrize("text", GOALS, ids=TASK_TYPES)
def test_a_goal_of_each_type(text: str, request: pytest.FixtureRequest) -> None:
    goal = read_goal(problem(text))
    assert goal == GOALS[text]
    assert goal.task_type == request.node.callspec.id


@pytest.mark.parametrize(
    "text",
    [
        "(openable ?r)",
        f"(isSliced ?o) {ONE}",
        f"{TWO} (objectType ?o3 MugType)",
        TWO.replace("?o2 Mug", "?o2 Cup"),
        f"{ONE} (receptacleType ?s ShelfType)",
        LIGHT.replace("(objectType ?o CDType) ", ""),
    ],
)
def test_other_goals(text: str) -> None:
    with pytest.raises(DataError, match=r"none of ALFWorld's six types of task"):
        read_goal(problem(text))


def test_no_goal() -> None:
    with pytest.raises(DataError, match=r"none of ALFWorld's six types of task"):
        read_goal("(:init (objectType Egg_1 EggType))")
