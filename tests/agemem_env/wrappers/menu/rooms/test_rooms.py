"""What commands are to goal and memories in worlds of rooms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agemem_env.wrappers.menu.blocks import Offers, crossed
from agemem_env.wrappers.menu.commands import offer_commands
from agemem_env.wrappers.menu.past import Past
from agemem_env.wrappers.menu.rooms.crosses import room_crosses
from agemem_env.wrappers.menu.rooms.roles import RoomScene, pieces, room_scene
from agemem_env.wrappers.menu.rooms.seen import SeenRooms
from agemem_env.wrappers.menu.rooms.told import PlacedThing, agreement, compared, told_by
from agemem_env.wrappers.menu.scene import scene
from agemem_env.wrappers.menu.sight import EXAMPLE, Memory, see

KITCHEN = "This room is called the kitchen. In it, you see:\n\ta metal pot\n\ta red box (containing nothing)"


def _scene(goal: str, memories: Sequence[str] = (), *, seen: str = KITCHEN, done: Sequence[str] = ()) -> RoomScene:
    rooms = SeenRooms()
    rooms.read(seen, ["go to hallway", "go to outside", "look around"], done)
    around = room_scene(rooms, goal, memories, done)
    assert around is not None
    return around


def _crosses(command: str, around: RoomScene) -> set[int]:
    return set(room_crosses(command, around))


def test_the_way_leads_through_rooms_that_were_seen_and_back() -> None:
    rooms = SeenRooms()
    rooms.read("This room is called the workshop.", ["go to hallway"], [])
    rooms.read("You move to the hallway.", ["go to workshop", "go to kitchen"], ["go to hallway"])
    rooms.read("You move to the kitchen.", ["go to hallway", "go to outside"], ["go to kitchen"])
    assert rooms.next_room("workshop") == "hallway" and rooms.next_room("outside") == "outside"
    assert rooms.next_room("kitchen") == "" and rooms.next_room("foundry") == ""


def test_what_is_taken_is_held_until_it_is_put_somewhere() -> None:
    rooms = SeenRooms()
    rooms.read(KITCHEN, [], [])
    rooms.read("You move the metal pot to the inventory.", [], ["pick up metal pot"])
    assert list(rooms.held) == ["metal pot"] and rooms.was_touched("pot")
    rooms.read("You move the metal pot to the stove.", [], ["move metal pot to stove"])
    assert not rooms.held and rooms.was_touched("metal pot")


def test_a_way_that_was_come_by_leads_back_though_it_is_not_offered() -> None:
    rooms = SeenRooms()
    rooms.read("You move to the hallway.", ["go to kitchen"], [])
    rooms.read("You move to the kitchen.", [], ["go to kitchen"])
    assert rooms.last == "hallway" and rooms.next_room("hallway") == "hallway"


def test_what_was_refused_described_or_focused_on_is_remembered() -> None:
    rooms = SeenRooms()
    rooms.read(KITCHEN, [], [])
    rooms.read("No known action matches that input.", [], ["open pot"])
    rooms.read("You focus on the red box.", [], ["focus on red box"])
    rooms.read("You move to the hallway.", [], ["go to hallway"])
    assert rooms.refused == {"open pot"} and rooms.described == {"kitchen"} and rooms.was_touched("red box")


def test_the_same_text_shown_again_is_no_second_focus() -> None:
    rooms = SeenRooms()
    for text in (KITCHEN, "You focus on the red box.", "You focus on the red box."):
        rooms.read(text, [], ["focus on red box"])
    assert rooms.focused == 1


def test_a_past_of_an_episode_that_branches_is_its_own() -> None:
    past = Past()
    past.rooms.read(KITCHEN, ["go to hallway"], [])
    twin = past.copy()
    twin.rooms.read("You move to the hallway.", ["go to kitchen"], ["go to hallway"])
    assert past.rooms.here == "kitchen" and list(past.rooms.shown) == ["kitchen"]


def test_what_was_corrected_is_left_out() -> None:
    places, findings = told_by(
        [
            "In the Corby laboratory, the thermometer is in the bedroom.",
            "In the Corby laboratory, the thermometer is now in the drawer in the kitchen.",
            "In the Corby laboratory, a second attempt showed that the tin is below 50.0 degrees celsius.",
            "In the Corby laboratory, the tin is above 50.0 degrees celsius.",
            "In the Corby laboratory, the lead is above 50.0 degrees celsius.",
        ]
    )
    assert places == (PlacedThing("thermometer", ("drawer",), "kitchen"),)
    assert [text.partition(" is ")[0] for text in findings] == ["a second attempt showed that the tin", "the lead"]


_HOT, _COLD = "if it is above 50.0 degrees, use the red box.", "if it is below 50.0 degrees, use the blue box."
_YES = "if it is electrically conductive, place it in the red box."
_NO = "if it is electrically nonconductive, place it in the blue box."
_DOMINANT, _RECESSIVE = "if the trait is dominant, focus on the red box.", "if it is recessive, focus on the blue box."


@pytest.mark.parametrize(
    ("clauses", "finding", "fits"),
    [
        ((_HOT, _COLD), "the tin is above 50.0 degrees celsius.", ("+", "-")),
        ((_HOT, _COLD), "the tin is below 50.0 degrees celsius.", ("-", "+")),
        ((_HOT, _COLD), "the melting point of the tin is -20 degrees celsius.", ("-", "+")),
        ((_HOT, _COLD), "the melting point of the tin is 900 degrees celsius.", ("+", "-")),
        ((_YES, _NO), "the fork conducts electricity.", ("+", "-")),
        ((_YES, _NO), "the fork does not conduct electricity.", ("-", "+")),
        ((_DOMINANT, _RECESSIVE), "round shape turned out to be a recessive trait in the pea plant.", ("-", "+")),
        ((_YES, _NO), "the radio said that it will snow.", ("", "")),
        (("focus on the red box.", _NO), "the fork does not conduct electricity.", ("", "+")),
    ],
)
def test_a_condition_is_met_or_not_by_what_was_found(
    clauses: tuple[str, str], finding: str, fits: tuple[str, str]
) -> None:
    assert tuple(agreement(clause, clauses, [finding]) for clause in clauses) == fits


def test_a_comparison_tells_first_from_second() -> None:
    found = ["the tin surface has more friction than the lead surface."]
    asked = ["focus on the one with the least friction."]
    tin, lead = (compared(f"{metal} surface", asked, found) for metal in ("tin", "lead"))
    assert tin == "first more? least" and lead == "second more? least"
    assert compared("inclined plane with a gold surface", asked, found) == ""


def test_only_what_compares_is_compared() -> None:
    asked = ["focus on the animal with the longest life span."]
    assert compared("water", asked, ["the recipe for mud is to mix water and paper."]) == ""
    lived = ["of the animals outside, the brown bear lives the longest."]
    assert compared("baby baby brown bear", asked, lived) == compared("brown bear", asked, lived) != ""
    around = _scene("Your task is to find the shallowest plane.", [
        "The inclined plane is in the workshop.", "Inclined plane B is shallower than inclined plane C."
    ])  # fmt: skip
    assert around.role("inclined plane b")[0] == "mfirst shallower? shallowest"


def test_capitals_of_commands_are_no_other_things() -> None:
    text = f"{KITCHEN}\n\tunknown substance B"
    around = _scene("Your task is to measure unknown substance B.", seen=text)
    assert around.form("pick up unknown substance B") == "pick up g0:v"


def test_joints_that_follow_each_other_are_one() -> None:
    assert pieces("connect red wire terminal 2 to cathode in light bulb") == (
        "connect", ("red wire", "light bulb"), ("terminal 2 to cathode in",)
    )  # fmt: skip
    assert pieces("look around") == ("look around", ("",), ())


def test_notes_on_another_laboratory_are_not_true_of_this_one() -> None:
    query = "You work in the Corby laboratory. Your task is to boil tin."
    notes = ["In the Aldbury laboratory, the tin is in the bedroom.", "In the Corby laboratory, the tin is outside."]
    sight = replace(
        see(*EXAMPLE), query=query, memories=tuple(Memory(str(i), note, 0.0) for i, note in enumerate(notes))
    )
    past = Past()
    past.rooms.read(KITCHEN, ["go to outside"], [])
    around = scene(sight, past).rooms
    assert around is not None and around.open == ("outside",)
    lost = scene(replace(sight, memories=sight.memories[:1]), past).rooms
    assert lost is not None and not lost.places


def test_a_name_within_another_word_is_another_thing() -> None:
    around = _scene("Your task is to boil tin.", ["In the Corby laboratory, the tin is outside."])
    around.rooms.read("You focus on the painting.", [], ["focus on painting"])
    assert not around.rooms.was_touched("tin")


def test_things_of_one_role_share_their_features_whatever_they_are_called() -> None:
    def placing(thing: str, box: str, conducts: bool) -> set[int]:
        other = "green" if box == "red" else "red"
        goal = (
            f"Your task is to determine if {thing} is electrically conductive. If it is electrically conductive, place "
            f"it in the {box} box. If it is electrically nonconductive, place it in the {other} box."
        )
        note = f"the {thing} {'conducts' if conducts else 'does not conduct'} electricity."
        around = _scene(goal, [note], seen=f"This room is called the kitchen.\n\ta {thing}\n\ta red box\n\ta green box")
        return _crosses(f"move {thing} to {box} box", around)

    fork = placing("fork", "red", True)
    assert len(fork & placing("spoon", "green", True)) > len(fork & placing("spoon", "green", False))


def test_rooms_are_told_apart_by_what_is_to_be_had_there() -> None:
    goal = "Your task is to boil tin."
    around = _scene(goal, ["In the Corby laboratory, the tin is outside."])
    assert around.head.startswith("your task is to boil") and around.open == ("outside",)
    plain = _scene(goal, ["In the Corby laboratory, the tin is in the bedroom."])
    assert _crosses("go to outside", around) != _crosses("go to outside", plain)
    assert not around.state[0] and _scene(goal, ["The tin is in the kitchen."]).state[0]


def test_what_a_container_holds_marks_it_until_it_was_taken() -> None:
    memories = ["In the Corby laboratory, the tin is in the jug in the cupboard in the kitchen."]
    around = _scene("Your task is to boil tin.", memories)
    assert around.role("cupboard")[0] == around.role("jug")[0] == "C"
    around.rooms.read("You move the tin to the inventory.", [], ["pick up tin"])
    after = room_scene(around.rooms, "Your task is to boil tin.", memories, ["pick up tin"])
    assert after is not None and after.role("cupboard")[0] == "c" and after.role("tin")[1] == "h"


@pytest.mark.parametrize(
    ("thing", "role"),
    [
        ("metal pot", ("metal pot", "v")),
        ("red box", ("g0b", "v")),
        ("tin", ("m", "t")),
        ("lead", ("m", "e")),
        ("gold", ("gold", "-")),
        ("owl egg", ("m egg00", "-")),
        ("tin surface", ("m surface00", "-")),
        ("plane 2", ("plane #", "-")),
    ],
)
def test_a_thing_is_what_goal_and_memories_say_where_it_was_seen_or_told_of(thing: str, role: tuple[str, str]) -> None:
    memories = ["The tin is in the kitchen.", "The lead is in the hallway.", "The owl is outside."]
    assert _scene("Your task is to fill the red box.", memories).role(thing) == role


def test_what_a_finding_compares_is_part_of_the_role() -> None:
    around = _scene("Your task is to find the most friction.", ["the tin surface has more friction than the oak one."])
    assert around.role("tin surface")[0] == "first more? most" and around.role("oak")[0] == "second more? most"


def test_commands_are_told_apart_by_what_was_done_before() -> None:
    acts = ["open metal pot", "pick up red box", "go to hallway", "look around"]
    around = _scene("Your task is to boil tin.", done=acts)
    assert around.before == ("look around ", "pick up b", "open metal pot")
    assert len({frozenset(_crosses("wait", _scene("", done=acts[:n]))) for n in range(3)}) == 3


def test_a_room_that_the_goal_names_is_wanted() -> None:
    around = _scene("Your task is to go outside.")
    assert around.wanted == ("outside",) and _crosses("go to outside", around) != _crosses(
        "go to outside", _scene("Your task is to go inside.")
    )


def test_a_command_given_again_or_refused_has_features_of_its_own() -> None:
    refused = "No known action matches that input."
    new, again = _scene("", done=["wait"]), _scene("", done=["open red box"])
    twice = _scene("", done=["open red box"])
    twice.rooms.read(refused, [], ["open red box"])
    crosses = [_crosses("open red box", around) for around in (new, again, twice)]
    assert crosses[0] != crosses[1] != crosses[2]
    rooms = SeenRooms(here="kitchen")
    plain = room_scene(rooms, "", [], [])
    assert plain is not None and _crosses("look around", plain) != _crosses("look around", _scene(""))


def test_a_way_to_what_is_to_be_had_or_wanted_differs_from_one_that_leads_nowhere() -> None:
    def crosses(goal: str, memories: Sequence[str]) -> set[int]:
        rooms = SeenRooms()
        rooms.read("You move to the hallway.", ["go to kitchen", "go to workshop"], [])
        rooms.read(KITCHEN, ["go to hallway"], ["go to kitchen"])
        around = room_scene(rooms, goal, memories, [])
        assert around is not None
        return _crosses("go to hallway", around)

    plain = crosses("Your task is to boil tin.", [])
    assert len(crosses("Your task is to boil tin.", ["The tin is in the workshop."]) - plain) > 6
    assert len(crosses("Your task is to see the workshop.", []) - plain) > 6
    told, named = (False, True, False, False, 1, True), (False, False, False, True, 0, True)
    assert crossed("go", told, True) in crosses("Your task is to boil tin.", ["The tin is in the workshop."])
    assert crossed("go", named, True) in crosses("Your task is to see the workshop.", [])


def test_what_is_held_and_was_focused_on_is_part_of_the_state() -> None:
    rooms = SeenRooms()
    for text in (KITCHEN, "You move the metal pot to the inventory.", "You focus on the red box."):
        rooms.read(text, [], [])
    around = room_scene(rooms, "", [], [])
    assert around is not None and around.state == (False, 1, 1)


def test_menus_have_the_features_of_rooms_where_a_room_was_shown() -> None:
    def columns(shown: str) -> set[int]:
        seen = replace(see(*EXAMPLE), query="Your task is to boil tin.", text=shown, commands=("open red box",))
        past, offers = Past(), Offers(frozenset())
        past.saw(seen)
        offer_commands(seen, past, offers, [])
        return set(offers.columns)

    around = _scene("Your task is to boil tin.")
    assert _crosses("open red box", around) <= columns(KITCHEN)
    assert not _crosses("open red box", around) & columns("There is a red box.")


def test_worlds_without_rooms_have_none() -> None:
    rooms = SeenRooms()
    rooms.read("You arrive at cabinet 1. On it you see a mug.", ["go to cabinet 2"], ["go to cabinet 1"])
    assert not rooms.here and not rooms.shown and room_scene(rooms, "put a mug in it", [], []) is None


_TEXT = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)


@given(_TEXT, _TEXT, st.lists(_TEXT, max_size=3), st.lists(_TEXT.filter(str.strip), max_size=3))
def test_any_text_is_read(goal: str, shown: str, memories: list[str], commands: list[str]) -> None:
    rooms = SeenRooms()
    rooms.read(f"You move to the kitchen. {shown}", commands, commands)
    around = room_scene(rooms, goal, memories, commands)
    assert around is not None
    for command in (*commands, "go to ", "focus on", "look", "move in inventory to ", "0"):
        assert all(isinstance(cross, int) for cross in room_crosses(command, around))
