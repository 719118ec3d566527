"""Official games without a trajectory, and broken ones: what the index says of them."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agemem_env.data import data_root
from agemem_env.engines.alfworld.homes.game import GAME_FILE, TRAJECTORY_FILE, load_game, save_game
from agemem_env.engines.alfworld.official import RELEASE, SPLITS, OfficialGame, OfficialSplit, official_split
from agemem_env.engines.alfworld.order import agentboard_order
from agemem_env.engines.alfworld.tasks import task_source
from agemem_env.errors import DataError
from tests.agemem_env.engines.alfworld.test_official import GAME

SAMPLE = data_root() / "alfworld"
LABELS = data_root() / "agentboard_labels" / "alfworld.sample.jsonl"
NAME = "pick_and_place_simple-Mug-None-Shelf-7/trial_1"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the test games; caches and other data folders are empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path / "agemem"))
    monkeypatch.setenv("ALFWORLD_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / RELEASE / "valid_unseen"


def test_a_game_without_trajectory_is_known_by_its_folder(root: Path) -> None:
    whole = load_game(save_game(replace(GAME, floor_plan=7), root / NAME))
    before = official_split("valid_unseen").games
    (root / NAME / TRAJECTORY_FILE).unlink()
    found = official_split("valid_unseen")
    assert found.games == before and not found.corrupt
    assert found.games[0].task_type == "pick_and_place_simple"
    assert load_game(root / NAME) == whole
    assert whole.floor_plan == 7


@pytest.mark.parametrize(
    "name", ["pick_and_place_with_movable_recep-Mug-Plate-Shelf-7", "pick-AppleSliced-None-Shelf-7"]
)
def test_a_folder_of_another_type_is_left_out(name: str, root: Path) -> None:
    save_game(GAME, root / NAME)
    save_game(GAME, root / name / "trial_1").with_name(TRAJECTORY_FILE).unlink()
    found = official_split("valid_unseen")
    assert [game.id for game in found.games] == [NAME]
    assert not found.corrupt


def content(**changes: Any) -> str:
    return json.dumps({**GAME.content(), **changes})


@pytest.mark.parametrize(
    ("name", "text", "reason"),
    [
        (GAME_FILE, "{", "JSONDecodeError"),
        (GAME_FILE, content()[:-40], "JSONDecodeError"),
        (GAME_FILE, content(pddl_problem=None), "pddl_domain, pddl_problem and grammar must be texts"),
        (GAME_FILE, content(pddl_domain="(define"), "the brackets of its PDDL domain do not match"),
        (GAME_FILE, content(pddl_problem=GAME.problem[:-9]), "the brackets of its PDDL problem do not match"),
        (GAME_FILE, content(pddl_problem="(define)"), "no initial state before its goal"),
        (GAME_FILE, content(pddl_problem=GAME.problem.replace("inReceptacle ?o", "on ?o").replace("MugType) (rec", "M) (rec")), "none of ALFWorld's six types"),
        (GAME_FILE, content(grammar="none"), "the grammar of this game"),
        (TRAJECTORY_FILE, "{", "traj_data.json is corrupt"),
        (TRAJECTORY_FILE, "{}", "neither a traj_data.json nor the folder"),
    ],
)  # fmt: skip
def test_a_broken_game_is_one_line_before_anything_is_played(name: str, text: str, reason: str, root: Path) -> None:
    save_game(GAME, root / NAME)
    save_game(GAME, root / "bad" / "trial_1")
    (root / "bad" / "trial_1" / name).write_text(text)
    assert list(official_split("valid_unseen").corrupt) == [f"bad/trial_1/{GAME_FILE}"]
    for source in ("official", "auto"):
        with pytest.raises(DataError) as caught:
            task_source("test", source, "agemem")
        message = str(caught.value)
        assert message.startswith(f"broken games of valid_unseen in {root}: bad/trial_1/{GAME_FILE} (")
        assert reason in message and message.endswith("or remove their folders") and "\n" not in message
    assert task_source("test", "generated", "agemem")[0] == "generated"
    shutil.rmtree(root / "bad")
    assert len(task_source("test", "auto", "agemem")[1]) == 1


def test_only_a_few_broken_games_are_named(root: Path) -> None:
    for number in range(5):
        save_game(GAME, root / NAME.replace("7", str(number))).write_text("{")
    with pytest.raises(DataError, match=r"broken games of valid_unseen .* and 2 more: fetch"):
        task_source("test", "auto", "agemem")


def listed(names: list[str]) -> OfficialSplit:
    games = tuple(OfficialGame(name, Path(name), "pick_and_place_simple", "") for name in sorted(names))
    return OfficialSplit("valid_unseen", Path("x"), games, {})


@pytest.mark.skipif(not LABELS.is_file(), reason="AGEMEM_DATA has no labels of ALFWorld")
def test_the_order_of_a_whole_split_is_that_of_the_labels() -> None:
    rows = [json.loads(line) for line in LABELS.read_text().splitlines()]
    count = SPLITS["valid_unseen"]
    places = [game.id for game in agentboard_order(listed([f"{i:03}" for i in range(count)]))]
    by_row = [(int(places[row["id"]]), row["additional_info"]["description"]) for row in rows]
    assert len(by_row) > 5
    assert [name for _, name in sorted(by_row)] == sorted(name for _, name in by_row)


def test_the_games_of_a_subset_come_in_the_order_of_the_labels(root: Path, tmp_path: Path) -> None:
    folder = tmp_path / "agemem" / "agentboard_labels"
    assert [game.id for game in agentboard_order(listed(["b", "a"]))] == ["a", "b"]
    folder.mkdir(parents=True)
    named = [("c", 30), ("b", 4), ("a", 11)]
    rows = [{"id": row, "additional_info": {"description": name}} for name, row in named]
    (folder / "alfworld.test.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert [game.id for game in agentboard_order(listed(["a", "b", "c", "Z"]))] == ["b", "a", "c", "Z"]


def test_only_the_test_split_of_agentboard_is_in_its_order(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (root, root.with_name("valid_seen")):
        for number in range(3):
            save_game(GAME, place / NAME.replace("7", str(number)))
    monkeypatch.setattr(
        "agemem_env.engines.alfworld.tasks.agentboard_order", lambda split: tuple(reversed(split.games))
    )
    plain = [NAME.replace("7", str(number)) for number in range(3)]
    monkeypatch.setattr("agemem_env.engines.alfworld.tasks._official_task", lambda split, game, protocol: game.id)
    for split, protocol, expected in (
        ("test", "agemem", plain),
        ("test", "agentboard", plain[::-1]),
        ("valid", "agentboard", plain),
    ):
        assert [str(task) for task in task_source(split, "official", protocol)[1]] == expected


@pytest.mark.skipif(not SAMPLE.is_dir(), reason="AGEMEM_DATA has no games of ALFWorld")
def test_official_games_are_the_same_without_their_trajectories(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(SAMPLE / RELEASE, root.parent)
    for path in root.parent.rglob(".agemem*"):
        path.unlink()
    before = official_split("valid_seen")
    games = [load_game(game.path) for game in before.games]
    for path in list(root.parent.rglob(TRAJECTORY_FILE)):
        path.unlink()
    assert official_split("valid_seen") == before
    assert [load_game(game.path) for game in before.games] == games
    assert all(game.floor_plan for game in games)
