from __future__ import annotations

import pytest

from agemem_env.engines.babyai.macros import BARRIER, commands_of
from agemem_env.engines.babyai.path import FORWARD, PICKUP, TOGGLE
from tests.agemem_env.engines.babyai.scenes import CLOSED, LOCKED, OPEN, WALL, scene, thing


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
