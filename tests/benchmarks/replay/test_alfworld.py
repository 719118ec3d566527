"""Recorded episodes of ALFWorld in both dialects, against games in both dialects."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agemem_env.data.locate import data_root
from agemem_env.engines.alfworld.homes.game import save_game
from benchmarks.cli import app
from tests.agemem_env.engines.alfworld.games import in_older_dialect
from tests.agemem_env.engines.alfworld.home import home
from tests.agemem_env.engines.alfworld.test_agentboard import ROOM

pytest.importorskip("textworld", reason="the extra alfworld is not installed")
pytest.importorskip("fast_downward", reason="the extra alfworld is not installed")

TRANSCRIPTS = data_root() / "transcripts" / "alfworld.jsonl"
NAME = "pick_and_place_simple-Mug-None-CounterTop-1/trial_T20200101_000000_000001"
TASK = "Your task is to: put a mug in countertop."
PLACES = ("cabinet 1", "cabinet 2", "countertop 1", "desk 1", "fridge 1", "microwave 1", "shelf 1", "sinkbasin 1")
NEW_STEPS = [
    ("dance", "Nothing happens."),
    ("go to shelf 1", "You arrive at shelf 1. On the shelf 1, you see a mug 2."),
    ("look", "You are facing the shelf 1. Next to it, you see nothing."),
    ("take mug 2 from shelf 1", "You pick up the mug 2 from the shelf 1."),
    ("put mug 2 in/on shelf 1", "Nothing happens."),
    ("go to countertop 1", "You arrive at countertop 1. On the countertop 1, you see nothing."),
    ("move mug 2 to countertop 1", "You move the mug 2 to the countertop 1."),
]
OLD_STEPS = [
    ("think: a mug may be on the shelf", "OK."),
    ("help", "Nothing happens."),
    ("go to shelf 1", "You arrive at loc 2. On the shelf 1, you see a mug 2."),
    ("take mug 2 from shelf 1", "You pick up the mug 2 from the shelf 1."),
    ("move mug 2 to shelf 1", "Nothing happens."),
    ("put mug 2 on shelf 1", "Nothing happens."),
    ("go to countertop 1", "You arrive at loc 6. On the countertop 1, you see nothing."),
    ("think: now I put it down", "OK."),
    ("put mug 2 in/on countertop 1", "You put the mug 2 in/on the countertop 1."),
]


@pytest.fixture(autouse=True)
def _cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.getbasetemp() / "cache"))


def record(told: list[tuple[str, str]], **changes: Any) -> dict[str, Any]:
    rows = [{"action": action, "observation": text} for action, text in told]
    opening = f"-= Welcome to TextWorld, ALFRED! =-\n\n{ROOM}\n\n{TASK}"
    base = {"game": f"valid_seen/{NAME}", "initial_observation": opening, "steps": rows, "success": True}
    return {**base, **changes}


def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *records: dict[str, Any], older: bool = False) -> Any:
    game = home("pick_and_place_simple", "Mug", "CounterTop")
    save_game(in_older_dialect(game) if older else game, tmp_path / "alfworld" / "json_2.1.1" / "valid_seen" / NAME)
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    monkeypatch.delenv("ALFWORLD_DATA", raising=False)
    file = tmp_path / "recorded.jsonl"
    file.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return CliRunner().invoke(app, ["replay", "--benchmark", "alfworld", str(file)])


def test_a_recording_of_the_newer_dialect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(tmp_path, monkeypatch, record(NEW_STEPS))
    assert result.stdout == (
        "episodes 1 / 1, observations equal 8 / 8 (word for word 8), progress equal 0 / 0, invalid replies 0, thoughts 0\n"
    ), result.output
    assert result.exit_code == 0


@pytest.mark.parametrize("older", [False, True], ids=["new game", "old game"])
def test_a_recording_of_the_older_dialect(older: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = OLD_STEPS
    bare = [(action, re.sub(r"^You arrive at loc \d+\. ", "", text)) for action, text in steps]
    result = run(tmp_path, monkeypatch, record(steps), record(bare), older=older)
    # The spots on the floor are known to the older game alone; one of the two recordings leaves them out.
    exact = 14 if older else 12
    assert result.stdout == (
        f"episodes 2 / 2, observations equal 16 / 16 (word for word {exact}), progress equal 0 / 0, invalid replies 0, "
        "thoughts 4\n"
    ), result.output


def test_a_harness_may_have_mended_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = [(action, text) for action, text in OLD_STEPS if action != "put mug 2 on shelf 1"]
    loose = [(action.replace("in/on countertop 1", "on countertop 1."), text) for action, text in old]
    new = [(action, text) for action, text in NEW_STEPS if not action.startswith("put ")]
    other = [(action.replace("move mug 2 to", "put mug 2 in/on"), text) for action, text in new]
    result = run(tmp_path, monkeypatch, record(loose), record(other))
    assert result.exit_code == 0, result.output


def test_a_recording_of_the_newer_dialect_against_an_older_game(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(tmp_path, monkeypatch, record(NEW_STEPS), older=True)
    assert "observations equal 8 / 8 (word for word 6)" in result.stdout, result.output
    assert result.exit_code == 0


@pytest.mark.parametrize("older", [False, True], ids=["new game", "old game"])
def test_commands_and_flags_are_compared(older: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    places = [f"go to {place}" for place in PLACES]
    new = record(NEW_STEPS, initial_admissible=[*places, "help", "inventory", "look"], reward=1.0)
    new["steps"] = [{**step, "won": False, "score": 0, "done": False, "reward": 0.0} for step in new["steps"]]
    new["steps"][3]["admissible"] = sorted(
        [place for place in places if "shelf" not in place]
        + ["examine mug 2", "examine shelf 1", "help", "inventory", "look", "move mug 2 to shelf 1"]
    )
    new["steps"][-1] |= {"won": True, "score": 1, "done": True, "reward": 1.0}
    old = json.loads(
        json.dumps(new).replace('"move mug 2 to shelf 1"', '"put mug 2 in/on shelf 1"').replace('"help", ', "")
    )
    for step, (action, text) in zip(old["steps"], NEW_STEPS, strict=True):
        step["action"] = action.replace("move mug 2 to", "put mug 2 in/on") if text != "Nothing happens." else "dance"
        step["observation"] = text.replace("You move the mug 2 to the", "You put the mug 2 in/on the")
        step["observation"] = re.sub(r"at shelf 1\. ", "at loc 2. ", step["observation"])
        step["observation"] = re.sub(r"at countertop 1\. ", "at loc 6. ", step["observation"])
    result = run(tmp_path, monkeypatch, new, old, older=older)
    for part in ("episodes 2 / 2", "admissible commands equal 4 / 4", "win flags equal 14 / 14", "ends equal 2 / 2"):
        assert part in result.stdout, result.output
    assert "progress equal 16 / 16" in result.stdout


@pytest.mark.parametrize(
    "name",
    [
        {"gamefile": f"/elsewhere/json_2.1.1/valid_seen/{NAME}/game.tw-pddl"},
        {"task": NAME},
        {"game_name": NAME.split("/")[1], "goal": "put a mug in countertop"},
        {"additional_info": {"description": NAME}},
    ],
    ids=["path", "folders", "trial", "nested"],
)
def test_games_are_found_by_whatever_names_them(
    name: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unnamed = record(NEW_STEPS)
    del unnamed["game"]
    assert run(tmp_path, monkeypatch, {**unnamed, **name}).exit_code == 0


def test_a_game_may_be_named_by_its_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mine" / "some game"
    save_game(home("pick_and_place_simple", "Mug", "CounterTop"), folder)
    result = run(tmp_path, monkeypatch, record(NEW_STEPS, game=str(folder)))
    assert result.exit_code == 0, result.output


def test_agentboards_recordings_are_told_by_its_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = "You arrive at shelf 1. On the shelf 1, you see a mug 2."
    steps = [
        ("look", ROOM, 0.0),
        ("go to shelf 1", shelf, 1 / 3),
        ("look", shelf, 1 / 3),
        ("take mug 2 from shelf 1.", "You pick up the mug 2 from the shelf 1.", 2 / 3),
        ("go to countertop 1", "You arrive at countertop 1. On the countertop 1, you see nothing.", 2 / 3),
        ("put mug 2 in countertop 1", "You move the mug 2 to the countertop 1.", 1.0),
    ]
    rows = [{"action": action, "observation": text, "reward": reward} for action, text, reward in steps]
    result = run(tmp_path, monkeypatch, record([], steps=rows, initial_observation=ROOM, reward=1.0))
    assert result.stdout == (
        "episodes 1 / 1, observations equal 7 / 7 (word for word 7), progress equal 7 / 7, invalid replies 0, thoughts 0\n"
    ), result.output


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"success": False}, "line 1: at the end: recorded success False, played True"),
        ({"initial_observation": f"{ROOM}\n\nYour task is to: eat."}, "line 1: first observation: recorded"),
        ({"initial_admissible": ["look"]}, "admissible commands recorded and not played []"),
        ({"steps": [{"action": "look", "observation": "You are facing the desk 1."}], "success": False}, "step 0, 'look'"),
        (
            {"steps": [{"action": "go to desk 1", "observation": "You arrive at desk 1. On the desk 1, you see nothing."}],
             "success": False}, "step 0, 'go to desk 1': recorded",
        ),
        ({"steps": [{"action": "look", "observation": "Nothing happens.", "won": True}], "success": False}, "win flags"),
    ],
)  # fmt: skip
def test_differences_are_shown_and_fail(
    change: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(tmp_path, monkeypatch, record(NEW_STEPS, **change))
    assert result.exit_code == 1
    assert message in result.stderr, result.output


@pytest.mark.parametrize("name", [{"game": "valid_seen/pick-X/trial_T9"}, {"id": 3, "env": "alfworld"}, {}])
def test_a_missing_game_is_one_line(name: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unnamed = record(NEW_STEPS)
    del unnamed["game"]
    result = run(tmp_path, monkeypatch, {**unnamed, **name})
    assert result.exit_code == 1
    assert "of the recording is not in" in result.stderr and "agemem data download alfworld" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.skipif(not TRANSCRIPTS.is_file(), reason="AGEMEM_DATA has no ALFWorld transcripts")
def test_every_recording_is_reproduced(monkeypatch: pytest.MonkeyPatch) -> None:
    result = CliRunner().invoke(app, ["replay", "--benchmark", "ALFWorld", str(TRANSCRIPTS)])
    assert result.exit_code == 0, result.output
    found = re.search(
        r"observations equal (\d+) / \1 \(word for word \1\), admissible commands equal (\d+) / \2,", result.stdout
    )
    assert found is not None, result.output
