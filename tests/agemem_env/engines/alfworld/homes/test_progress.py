"""Progress, counted by hand in a home furnished by hand."""

from __future__ import annotations

import pytest

from tests.agemem_env.engines.alfworld.home import TARGETS, home, play, start

pytest.importorskip("textworld", reason="the extra alfworld is not installed")
pytest.importorskip("fast_downward", reason="the extra alfworld is not installed")

pytestmark = pytest.mark.usefixtures("cache")


# Hand-counted shares of the sub-goals after each command.
PROGRESS = {
    "pick_and_place_simple": (
        ["go to shelf 1", "take mug 2 from shelf 1", "move mug 2 to shelf 1", "take mug 2 from shelf 1",
         "go to countertop 1", "move mug 2 to countertop 1"],
        [0, 1 / 2, 1 / 2, 1 / 2, 1 / 2, 1],
    ),
    "look_at_obj_in_light": (
        ["go to desk 1", "use desklamp 1", "go to shelf 1", "take mug 2 from shelf 1", "go to desk 1"],
        [0, 1 / 3, 1 / 3, 2 / 3, 1],
    ),
    "pick_clean_then_place_in_recep": (
        ["go to shelf 1", "take mug 2 from shelf 1", "go to sinkbasin 1", "clean mug 2 with sinkbasin 1",
         "go to countertop 1", "move mug 2 to countertop 1"],
        [0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 1],
    ),
    "pick_heat_then_place_in_recep": (
        ["go to desk 1", "take pen 1 from desk 1", "move pen 1 to desk 1", "go to fridge 1", "open fridge 1",
         "take apple 1 from fridge 1", "go to microwave 1", "heat apple 1 with microwave 1", "go to countertop 1",
         "move apple 1 to countertop 1"],
        [0, 0, 0, 0, 0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 1],
    ),
    "pick_two_obj_and_place": (
        ["go to shelf 1", "take mug 2 from shelf 1", "go to countertop 1", "move mug 2 to countertop 1",
         "take mug 2 from countertop 1", "move mug 2 to countertop 1", "go to cabinet 1", "open cabinet 1",
         "take mug 1 from cabinet 1", "go to countertop 1", "move mug 1 to countertop 1"],
        [0, 1 / 4, 1 / 4, 2 / 4, 2 / 4, 2 / 4, 2 / 4, 2 / 4, 3 / 4, 3 / 4, 1],
    ),
}  # fmt: skip


@pytest.mark.parametrize("task_type", PROGRESS)
def test_progress_counts_the_parts_of_the_task(task_type: str) -> None:
    commands, expected = PROGRESS[task_type]
    steps = play(start(home(task_type, *TARGETS[task_type])), commands)
    assert [step.progress for step in steps] == pytest.approx(expected)
    assert [step.done for step in steps] == [False] * (len(steps) - 1) + [True]
    assert steps[-1].success


def test_progress_counts_only_what_the_start_leaves_open() -> None:
    game = home("pick_two_obj_and_place", "Mug", "Shelf")
    commands = [
        "go to cabinet 1",
        "open cabinet 1",
        "take mug 1 from cabinet 1",
        "go to shelf 1",
        "move mug 1 to shelf 1",
    ]
    steps = play(start(game), commands)
    assert [step.progress for step in steps] == [0, 0, 1 / 2, 1 / 2, 1]
