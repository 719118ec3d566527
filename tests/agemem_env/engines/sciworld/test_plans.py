"""Plans and the expert's search, on hand-made laboratories: no simulator is needed."""

from __future__ import annotations

import pytest

from agemem_env.engines.sciworld.house import DOORS, LabThing, first_room, named_in, things, way
from agemem_env.engines.sciworld.oracle import MAX_TRIES, REFUSAL, CommandReply, next_command
from agemem_env.engines.sciworld.plans import PlannedAct, active_only, acts, answer_only, make_plan, measuring, scripted
from agemem_env.engines.sciworld.study import implied, needed

POT = LabThing("metal pot", "kitchen", ("cupboard",), ("cupboard",), False, True)
CUPBOARD = LabThing("cupboard", "kitchen", (), (), False, True)
STOVE = LabThing("stove", "kitchen", (), (), False, False)
LEAD = LabThing("lead", "workshop", ("table",), (), False, True)
STOCK = (CUPBOARD, POT, STOVE, LEAD)
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


def node(
    name: str, contents: dict[str, object], *, open_: bool | None = None, made_of: str = "wood"
) -> dict[str, object]:
    return {
        "name": name,
        "contents": contents,
        "propContainer": None if open_ is None else {"isOpen": open_},
        "propMaterial": {"substanceName": made_of},
        "propMoveable": {"isMovable": True},
        "propLife": None,
    }


def test_doors_lead_both_ways() -> None:
    assert all(room in DOORS[other] for room, others in DOORS.items() for other in others)
    assert all(way(a, b)[-1] == b for a in DOORS for b in DOORS if a != b)
    assert way("workshop", "kitchen") == ["hallway", "kitchen"]
    assert way("kitchen", "kitchen") == []


def test_an_observation_without_a_room_is_an_error() -> None:
    with pytest.raises(ValueError, match="names no room: 'Nothing here'"):
        first_room("Nothing here")


def test_the_object_tree_becomes_things() -> None:
    salt = node("salt", {})
    jar = node("glass jar", {"s": salt}, open_=False, made_of="glass")
    pot = node("metal pot", {}, open_=True)
    tree = node("universe", {"k": node("kitchen", {"j": jar, "c": node("cupboard", {"p": pot}, open_=False)})})
    found = {thing.name: thing for thing in things(tree)}
    assert found["salt"].closed == (), "glass hides nothing"
    assert (found["metal pot"].closed, found["metal pot"].where) == (("cupboard",), "in the cupboard in the kitchen")


def test_a_name_within_a_longer_name_is_not_named() -> None:
    orange, box = (
        LabThing("orange", "kitchen", (), (), False, True),
        LabThing("orange box", "bedroom", (), (), False, True),
    )
    assert named_in("focus on orange box", [orange, box]) == [box]
    assert named_in("move orange to orange box", [orange, box]) == [orange, box]


def test_gold_paths_are_cut_to_what_matters() -> None:
    gold = acts(
        [
            "open door to kitchen", "go to kitchen", "look around", "pick up thermometer", "open cupboard", "open oven",
            "pick up metal pot", "activate stove", "examine lead", "use thermometer in inventory on lead", "wait",
            "focus on lead", "wait1",
        ],
        HALLWAY,
    )  # fmt: skip
    short = [act.command for act in active_only(gold, STOCK, timed=False, once=True)]
    assert short == ["open cupboard", "pick up metal pot", "activate stove", "focus on lead"]
    timed = [act.command for act in active_only(gold, STOCK, timed=True, once=True)]
    assert timed[3:-1] == ["wait", "wait1"], "one tick each for the two measurements, eleven for the wait"
    assert [act.command for act in answer_only(gold, STOCK)] == ["open cupboard", "pick up metal pot", "focus on lead"]
    assert "use thermometer in inventory on lead" in [act.command for act in measuring(gold, STOCK)]


def test_plants_that_water_themselves_are_watered_once() -> None:
    water = [
        PlannedAct("greenhouse", command) for command in ("activate sink", "move jug to sink", "pour jug into pot 1")
    ]
    again = [*water, *water, PlannedAct("greenhouse", "focus on apple")]
    assert len(active_only(again, (), timed=False, once=True)) == 4
    assert len(active_only(again, (), timed=False, once=False)) == 7


def test_scripts_open_what_hides_a_thing() -> None:
    script = scripted(["pick up metal pot", "move metal pot to stove"], STOCK)
    assert script == list(BOIL.acts)
    assert scripted(["focus on unicorn"], STOCK) is None


def test_what_is_hidden_is_told_and_what_follows_from_it_is_not() -> None:
    assert needed(BOIL, QUERY) == [POT]
    assert implied([POT], STOCK) == {CUPBOARD}
    assert needed(make_plan([PlannedAct("kitchen", "activate stove")], STOCK), "Use the stove in the kitchen.") == []


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
