"""Noise of ScienceWorld recordings: equal choices and the list of valid actions."""

from __future__ import annotations

from typing import Any

import pytest

from agemem_env.engines.sciworld.agentboard import HELP
from agemem_env.types import EngineStep
from benchmarks.replay.replay import Played, Record, replay
from benchmarks.replay.sciworld import SciWorldReplay

LISTED = "Choose an action from these valid actions: look, wait"


def choices(*texts: str) -> str:
    lines = "".join(f"{number}:\t{text}\n" for number, text in enumerate(texts))
    return f"Ambiguous request: Please enter the number for the action you intended (or blank to cancel):\n{lines}"


@pytest.mark.parametrize(
    ("recorded", "played", "answers"),
    [
        (("pour", "pour", "pour"), ("pour", "pour", "pour"), ["0", "1", "2"]),
        (("pour", "mix", "pour"), ("mix", "pour", "pour"), ["1", "0", "2"]),
        (("pour", "pour"), ("pour",), ["0", "0"]),
        (("pour", "mix"), ("mix", "wait"), ["0", "0"]),
    ],
)
def test_equal_choices_keep_their_number(
    recorded: tuple[str, ...], played: tuple[str, ...], answers: list[str]
) -> None:
    translate = SciWorldReplay().translate
    given = [translate(str(i), choices(*recorded), choices(*played)) for i in range(len(recorded))]
    assert given == answers


@pytest.mark.parametrize(
    ("recorded", "played", "same"),
    [
        (LISTED, f"{LISTED}, {HELP}", True),
        (f"{LISTED}, {HELP}", LISTED, True),
        (f"{LISTED}, open", f"{LISTED}, {HELP}", False),
    ],
)
def test_a_list_may_lack_the_request_for_help(recorded: str, played: str, same: bool) -> None:
    player = SciWorldReplay()
    assert player.same(HELP, recorded, played) is same
    assert player.same("look", recorded, played) is False


class Cups:
    """Three cups of one name, whose contents only show once they are poured."""

    def __init__(self, contents: str) -> None:
        self._contents = contents

    def step(self, command: str) -> EngineStep:
        if command == "pour cup":
            return EngineStep(choices("cup", "cup", "cup"), 0.0, done=False, success=False)
        return EngineStep(f"You pour {self._contents[int(command)]}.", 0.0, done=False, success=False)


class CupsReplay(SciWorldReplay):
    def start(self, record: Record) -> tuple[Played, str]:
        self._order = record.get("order of equal choices", ())
        return Cups("rby"), ""


@pytest.mark.parametrize(("poured", "ok"), [("rby", True), ("ryb", True), ("bry", True), ("rrb", False)])
def test_equal_choices_are_tried_in_each_order(poured: str, ok: bool) -> None:
    steps: list[dict[str, Any]] = []
    for number, content in enumerate(poured):
        steps.append({"action": "pour cup", "observation": choices("cup", "cup", "cup")})
        steps.append({"action": str(number), "observation": f"You pour {content}."})
    tally = replay(CupsReplay(), [(1, {"steps": steps, "subgoals": ["x"]})])
    assert tally.ok is ok, tally.differences
    assert tally.observations == 6
