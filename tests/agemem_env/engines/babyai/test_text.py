"""View, paths, macro actions and sub-goals of BabyAI: pure functions, which need no minigrid."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agemem_env.engines.babyai.briefing import HOUSES, Place, house_name, told_cells
from agemem_env.engines.babyai.house import Layout, cell_of, square
from agemem_env.engines.babyai.macros import BARRIER, commands_of
from agemem_env.engines.babyai.path import FORWARD, LEFT, PICKUP, RIGHT, TOGGLE, search
from agemem_env.engines.babyai.subgoals import BabyAISubGoals, matches
from agemem_env.engines.babyai.view import COLOURS, KINDS, BabyAIScene, describe, read_view

UNSEEN, EMPTY, WALL = (0, 0, 0), (1, 0, 0), (2, 5, 0)
OPEN, CLOSED, LOCKED = range(3)


def thing(kind: str, colour: str, state: int = 0) -> tuple[int, int, int]:
    return KINDS.index(kind), COLOURS.index(colour), state


def scene(
    things: dict[tuple[int, int], tuple[int, int, int]],
    carrying: tuple[str, str] | None = None,
    ground: tuple[int, int, int] = EMPTY,
    position: tuple[int, int] = (10, 10),
    direction: int = 3,
) -> BabyAIScene:
    """Return a view with things at (forward, right)."""
    image: Any = [[ground] * 7 for _ in range(7)]
    for (forward, right), code in things.items():
        image[right + 3][6 - forward] = code
    return read_view(image, position, direction, carrying)


def test_things_are_listed_by_distance_and_numbered_by_name() -> None:
    text = describe(scene({(3, 1): thing("ball", "red"), (1, -1): thing("ball", "red"), (2, 0): thing("key", "blue")}))
    assert text == (
        "In front of you in this room, you can see several objects: "
        "There is a blue key 1 right in front of you 2 steps away.  "
        "There is a red ball 1 1 steps in front of you and 1 steps to your left.  "
        "There is a red ball 2 3 steps in front of you and 1 steps to your right.  "
        "The room has walls around you. You are not carrying anything."
    )


def test_equal_distances_keep_the_order_far_to_near_and_left_to_right() -> None:
    things = {(1, 1): thing("ball", "red"), (1, -1): thing("key", "red"), (2, 0): thing("box", "red")}
    assert [item.name for item in scene(things).items] == ["red box", "red key", "red ball"]


def test_the_nearest_wall_or_box_ahead_is_what_the_agent_faces() -> None:
    seen = scene({(4, 0): WALL, (2, 0): thing("box", "grey")}, carrying=("red", "key"))
    assert describe(seen).endswith("You are facing a box 2 steps away. You are carrying a red key.")


def test_an_empty_view_says_so() -> None:
    assert describe(scene({}, ground=UNSEEN)).startswith("You cannot see any objects within sight.")


def test_cells_outside_the_grid_are_not_seen() -> None:
    seen = scene({(3, 0): thing("ball", "red")}, position=(5, 2), direction=3)
    assert seen.items == () and seen.blocked == frozenset()


def test_commands_come_in_the_order_of_the_protocol() -> None:
    things = {(2, 0): thing("ball", "red"), (1, 2): thing("door", "blue", CLOSED), (3, 3): thing("door", "grey", OPEN)}
    assert list(commands_of(scene(things), fixed_numbers=False).possible) == [
        "turn left", "turn right", "move forward", "pickup red ball 1", "toggle and go through blue closed door 1",
        "go through grey open door 1", "go to red ball 1", "go to blue closed door 1", "go to grey open door 1",
    ]  # fmt: skip


def test_commands_are_made_of_the_shortest_path() -> None:
    things = {(2, 0): thing("ball", "red"), (1, 0): thing("door", "blue", CLOSED)}
    possible = commands_of(scene(things), fixed_numbers=False).possible
    assert possible["go to red ball 1"] == (FORWARD,)  # doors do not block the search
    assert possible["toggle and go through blue closed door 1"] == (TOGGLE, FORWARD)
    assert possible["toggle"] == (TOGGLE,)
    assert possible["pickup red ball 1"] == (FORWARD, PICKUP)


def enclosed() -> dict[tuple[int, int], tuple[int, int, int]]:
    """Two red balls, of which the nearer is walled in."""
    ring = {(2 + a, b): WALL for a, b in ((1, 0), (-1, 0), (0, 1), (0, -1))}
    return {**ring, (2, 0): thing("ball", "red"), (5, 3): thing("ball", "red")}


def test_agentboard_numbers_what_can_be_reached_and_the_default_what_is_seen() -> None:
    exact = commands_of(scene(enclosed()), fixed_numbers=False)
    fixed = commands_of(scene(enclosed()), fixed_numbers=True)
    assert "go to red ball 1" in exact.possible and "go to red ball 2" not in exact.possible
    assert "go to red ball 2" in fixed.possible
    assert fixed.refused["go to red ball 1"] == "You cannot go to red ball 1, as there is no path leading to it."
    assert exact.refused["move forward"] == BARRIER


@pytest.mark.parametrize(
    ("carrying", "reply"),
    [
        (None, "as you are not carrying a key."),
        (("blue", "ball"), "as you are not carrying a key."),
        (("red", "key"), "as the color of the key you are carrying does not match the color of door."),
    ],
)
def test_a_locked_door_says_what_is_missing(carrying: tuple[str, str] | None, reply: str) -> None:
    commands = commands_of(scene({(3, 0): thing("door", "blue", LOCKED)}, carrying), fixed_numbers=False)
    command = "toggle and go through blue locked door 1"
    assert commands.refused[command] == f"You cannot {command}, {reply}"


def test_the_right_key_opens_a_locked_door() -> None:
    commands = commands_of(scene({(1, 0): thing("door", "blue", LOCKED)}, ("blue", "key")), fixed_numbers=False)
    assert commands.possible["toggle and go through blue locked door 1"] == (TOGGLE, FORWARD)


def test_dropping_needs_something_in_hand_and_room_ahead() -> None:
    ball = {(1, 0): thing("ball", "red")}
    assert "not carrying anything" in commands_of(scene({}), fixed_numbers=False).refused["drop"]
    assert "already an object" in commands_of(scene(ball, ("red", "key")), fixed_numbers=False).refused["drop"]
    assert "drop" in commands_of(scene({}, ("red", "key")), fixed_numbers=False).possible


@given(
    blocked=st.sets(st.tuples(st.integers(0, 6), st.integers(-3, 3)).filter(lambda c: c != (0, 0)), max_size=25),
    direction=st.integers(0, 3),
    target=st.tuples(st.integers(0, 6), st.integers(-3, 3)).filter(lambda c: c != (0, 0)),
)
def test_paths_end_before_the_target_and_enter_nothing_blocked(
    blocked: set[tuple[int, int]], direction: int, target: tuple[int, int]
) -> None:
    path = search(blocked, direction, {target}, ()).to_face(target)
    if path is None:
        return
    at, heading = (0, 0), 0
    steps = ((1, 0), (0, 1), (-1, 0), (0, -1))
    for move in path:
        if move == FORWARD:
            at = (at[0] + steps[heading][0], at[1] + steps[heading][1])
            assert at not in blocked
        else:
            heading = (heading + (1 if move == RIGHT else -1)) % 4
            assert move in (LEFT, RIGHT)
    assert (at[0] + steps[heading][0], at[1] + steps[heading][1]) == target


def test_one_observation_reaches_one_subgoal() -> None:
    goals = BabyAISubGoals.of(["There is a red ball **", "You are carrying a red key."], ["There is a red box **"])
    text = "There is a red ball 1 right in front of you 1 steps away.  You are carrying a red key."
    first = goals.after(text)
    assert (first.progress, first.open) == (0.5, (1,))
    assert first.after(text).progress == 1.0
    assert goals.after("There is a red box 2 ").open == (1,)
    assert goals.after("nothing") is goals


def test_the_pieces_of_a_pattern_must_be_in_one_sentence() -> None:
    pattern = "There is a red ball ** 1 steps away."
    assert not matches(pattern, "There is a red ball 1 5 steps in front of you.  There is a key 1 steps away.")


@given(st.integers(0, 25), st.integers(0, 30))
def test_squares_are_turned_back_into_cells(x: int, y: int) -> None:
    assert cell_of(square((x, y))) == (x, y)


def test_houses_have_different_names() -> None:
    assert len({house_name(i) for i in range(HOUSES)}) == HOUSES


def test_rooms_are_named_by_compass_point() -> None:
    layout = Layout(3, 3, 8)
    assert len({layout.name_of((c, r)) for c in range(3) for r in range(3)}) == 9
    assert layout.name_of(layout.room_of((9, 3))) == "north room"


def test_statements_are_turned_back_into_cells_of_their_house_only() -> None:
    door = Place("a locked red door", "door", ((7, 2),), ("west room", "middle room"))
    opening = Place("", "opening", ((5, 1), (5, 2), (5, 3)), ("west room", "east room"))
    texts = [
        door.statement("Marlow"),
        opening.statement("Marlow"),
        "In the house Marlowton, a red key is on square C3.",
    ]
    assert told_cells("Marlow", texts) == {(7, 2), (5, 1), (5, 2), (5, 3)}
    assert told_cells("marlow", [" ".join(texts).upper()]) == {(7, 2), (5, 1), (5, 2), (5, 3)}
    assert told_cells("Marlow", ["Marlow has a red ball somewhere.", "", "square"]) == frozenset()


def test_the_view_is_read_from_numpy_lists() -> None:
    image = np.ones((7, 7, 3), dtype=np.uint8).tolist()
    assert read_view(image, (9, 9), 0, None).items == ()
