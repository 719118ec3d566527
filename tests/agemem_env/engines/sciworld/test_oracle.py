from __future__ import annotations

from agemem_env.engines.sciworld.house import LabThing
from agemem_env.engines.sciworld.oracle import MAX_TRIES, REFUSAL, CommandReply, next_command
from agemem_env.engines.sciworld.plans import PlannedAct, make_plan
from tests.agemem_env.engines.sciworld.laboratory import CUPBOARD, POT, STOCK, STOVE

HALLWAY = "This room is called the hallway. In it, you see: \n\ta picture"
KITCHEN = "This room is called the kitchen. In it, you see: \n\ta cupboard. The cupboard door is closed. \n\ta stove"
OPENED = "This room is called the kitchen. In it, you see: \n\ta cupboard. The cupboard door is open. In the cupboard is: a metal pot.\n\ta stove"
BOIL = make_plan(
    [
        PlannedAct("kitchen", "open cupboard"),
        PlannedAct("kitchen", "pick up metal pot"),
        PlannedAct("kitchen", "move metal pot to stove"),
    ],
    STOCK,
)


QUERY = "Your task is to boil water."


def play(history: list[tuple[str, str]], told: set[LabThing] | None = None) -> str | None:
    return next_command(BOIL, told or set(), QUERY, HALLWAY, [CommandReply(*pair) for pair in history])


def test_the_informed_expert_goes_straight_there() -> None:
    told = {POT, CUPBOARD}
    assert play([], told) == "go to kitchen"
    history = [("go to kitchen", "You move to the kitchen.")]
    assert play(history, told) == "open cupboard"
    history += [("open cupboard", "The cupboard is now open."), ("pick up metal pot", "You move it.")]
    assert play(history, told) == "look around", "nobody told it of the stove"
    assert play([*history, ("look around", KITCHEN)], told) == "move metal pot to stove"


def test_the_uninformed_expert_searches_rooms_then_containers() -> None:
    visited: list[tuple[str, str]] = []
    here, command = "hallway", play([])
    while command != "open cupboard":
        assert command is not None
        if command == "look around":
            text = KITCHEN if here == "kitchen" else f"This room is called the {here}. In it, you see: nothing."
        else:
            here = command.removeprefix("go to ")
            text = f"You move to the {here}."
        visited.append((command, text))
        command = play(visited)
    visited.append(("open cupboard", "The cupboard is now open."))
    assert play(visited) == "look around"
    visited.append(("look around", OPENED))
    assert play(visited) == "pick up metal pot"


def test_a_refused_command_is_tried_again_but_not_for_ever() -> None:
    history = [("go to kitchen", "You move to the kitchen."), *[("open cupboard", REFUSAL)] * (MAX_TRIES - 1)]
    assert play(history, {POT, CUPBOARD}) == "open cupboard"
    assert play([*history, ("open cupboard", REFUSAL)], {POT, CUPBOARD}) == "pick up metal pot"


def test_a_finished_plan_has_no_next_command() -> None:
    history = [("go to kitchen", "You move to the kitchen.")]
    history += [(act.command, "Done.") for act in BOIL.acts]
    assert play(history, {POT, CUPBOARD, STOVE}) is None
