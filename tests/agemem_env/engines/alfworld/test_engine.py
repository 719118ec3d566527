"""The engine of ALFWorld: commands in either dialect, and states. Played in a home furnished by hand."""

from __future__ import annotations

import pytest

from agemem_env.errors import ConfigurationError
from tests.agemem_env.engines.alfworld.games import in_older_dialect
from tests.agemem_env.engines.alfworld.home import RNG, home, play, start, task_of

pytest.importorskip("textworld", reason="the extra alfworld is not installed")
pytest.importorskip("fast_downward", reason="the extra alfworld is not installed")

pytestmark = pytest.mark.usefixtures("cache")


@pytest.mark.parametrize("older", [False, True], ids=["new", "old"])
@pytest.mark.parametrize(
    "command",
    [
        "move mug 2 to countertop 1",
        "put mug 2 in/on countertop 1",
        "put mug 2 on countertop 1",
        "Put  mug 2 in countertop 1.",
    ],
)
def test_either_dialect_is_understood(command: str, older: bool) -> None:
    game = home("pick_and_place_simple", "Mug", "CounterTop")
    made = start(in_older_dialect(game) if older else game)
    *_, last = play(made, ["go to shelf 1", "take mug 2 from shelf 1", "go to countertop 1", command])
    expected = "You put the mug 2 in/on the countertop 1." if older else "You move the mug 2 to the countertop 1."
    assert (last.text, last.done, last.success, last.progress) == (expected, True, True, 1.0)


def test_the_admissible_commands_are_those_of_the_game() -> None:
    made = start(home("pick_and_place_simple", "Mug", "CounterTop"))
    made.step("go to shelf 1")
    listed = made.admissible()
    assert "take mug 2 from shelf 1" in listed
    assert "take mug 1 from cabinet 1" not in listed
    assert all(made.step(command).valid for command in ("examine shelf 1", "inventory", "help", "look"))


def test_what_cannot_be_done_changes_nothing() -> None:
    made = start(home("pick_and_place_simple", "Mug", "CounterTop"))
    before = made.state_hash()
    for command in ("take mug 1 from cabinet 1", "fly", "", "put mug 1 in/on desk 1"):
        step = made.step(command)
        assert (step.text, step.valid, step.done, step.progress) == ("Nothing happens.", False, False, 0.0)
    assert made.state_hash() == before


def test_snapshots_bring_back_another_game_too() -> None:
    first, second = (
        home("pick_and_place_simple", "Mug", "CounterTop"),
        home("pick_cool_then_place_in_recep", "Mug", "Desk"),
    )
    made = start(first)
    play(made, ["go to shelf 1", "take mug 2 from shelf 1"])
    saved, digest = made.snapshot(), made.state_hash()
    made.reset(task_of(second), RNG, briefed=True)
    assert made.state_hash() != digest
    for _ in range(2):
        made.restore(saved)
        assert made.state_hash() == digest
        steps = play(made, ["go to countertop 1", "move mug 2 to countertop 1"])
        assert [step.progress for step in steps] == [1 / 2, 1] and steps[-1].success


def test_the_state_hash_tells_what_was_seen_apart() -> None:
    made = start(home("pick_and_place_simple", "Mug", "CounterTop"))
    hashes = [made.state_hash()]
    for command in ("go to cabinet 1", "open cabinet 1", "close cabinet 1", "go to shelf 1"):
        made.step(command)
        hashes.append(made.state_hash())
    assert len(set(hashes)) == len(hashes)


def test_an_answer_ends_the_episode_as_it_stands() -> None:
    made = start(home("pick_and_place_simple", "Mug", "CounterTop"))
    play(made, ["go to shelf 1", "take mug 2 from shelf 1"])
    end = made.submit("done")
    assert (end.done, end.success, end.progress) == (True, False, 1 / 2)


def test_an_engine_can_be_closed_and_used_again() -> None:
    made = start(home("pick_and_place_simple", "Mug", "CounterTop"))
    made.close()
    made.close()
    with pytest.raises(ConfigurationError, match="no task is being played"):
        made.step("look")
    made.reset(task_of(home("pick_and_place_simple", "Mug", "CounterTop")), RNG, briefed=True)
    assert made.step("go to shelf 1").valid
