"""Game files; no extra is needed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agemem_env.engines.alfworld.homes.game import GAME_FILE, TRAJECTORY_FILE, Game, load_game, save_game
from agemem_env.engines.alfworld.homes.goal import Goal
from agemem_env.errors import DataError

PROBLEM = """
(define (problem plan_p) (:domain alfred)
(:objects agent1 - agent)
(:init
    (receptacleType Safe_bar_1 SafeType) (receptacleType Shelf_bar_2 ShelfType) (receptacleType Shelf_bar_3 ShelfType)
    (objectType Mug_bar_1 MugType) (objectType Mug_bar_2 MugType) (objectType Window_bar_1 WindowType)
    (canContain ShelfType MugType) (canContain SafeType MugType)
    (pickupable Mug_bar_1) (pickupable Mug_bar_2) (heatable Mug_bar_2)
    (openable Safe_bar_1)
    (atLocation agent1 loc_bar_9)
    (inReceptacle Mug_bar_1 Safe_bar_1) (inReceptacle Mug_bar_2 Shelf_bar_2)
    (receptacleAtLocation Safe_bar_1 loc_bar_1) (receptacleAtLocation Shelf_bar_2 loc_bar_1)
    (receptacleAtLocation Shelf_bar_3 loc_bar_2)
    (objectAtLocation Window_bar_1 loc_bar_3)
    (= (total-cost) 0)
)
(:goal (exists (?r - receptacle) (exists (?o1 - object) (and
    (objectType ?o1 MugType) (receptacleType ?r ShelfType) (inReceptacle ?o1 ?r)
    (exists (?o2 - object) (and (not (= ?o1 ?o2)) (objectType ?o2 MugType) (inReceptacle ?o2 ?r)))
)))))
"""
GAME = Game("(define (domain alfred))", PROBLEM, "grammar", 12, ("go to safe 1",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_game(GAME, tmp_path)
    return tmp_path


def test_a_saved_game_is_loaded_again(folder: Path) -> None:
    assert load_game(folder) == load_game(folder / GAME_FILE) == GAME
    assert load_game(folder).origin == str(folder / GAME_FILE)
    assert sorted(path.name for path in folder.iterdir()) == [GAME_FILE, TRAJECTORY_FILE]


def test_the_goal_is_that_of_the_problem(folder: Path) -> None:
    told = json.loads((folder / TRAJECTORY_FILE).read_text())
    assert told["task_type"] == "pick_two_obj_and_place"
    assert told["pddl_params"] == {
        "object_target": "Mug",
        "parent_target": "Shelf",
        "toggle_target": "",
        "mrecep_target": "",
        "object_sliced": False,
    }
    (folder / TRAJECTORY_FILE).unlink()
    game = load_game(folder)
    assert game.goal == GAME.goal == Goal("mug", "shelf", count=2)
    assert game.floor_plan is None


def test_a_game_that_asks_for_something_else_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none of ALFWorld's six types of task"):
        save_game(Game("d", "(:goal (openable ?r))", "g"), tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("part", ["domain", "problem", "grammar"])
def test_the_key_tells_games_apart(part: str) -> None:
    parts = {"domain": "a", "problem": "b", "grammar": "c"}
    assert Game(**parts).key != Game(**(parts | {part: "x"})).key
    assert Game(**parts).key == Game(**parts, origin="elsewhere").key


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", r"game\.tw-pddl is corrupt .*agemem data download alfworld"),
        ("[]", r"game\.tw-pddl is corrupt \(not a JSON object\)"),
        ("{}", r"not an ALFWorld game: pddl_domain, pddl_problem and grammar"),
        ('{"pddl_domain": "d", "pddl_problem": " ", "grammar": "g"}', r"not an ALFWorld game"),
        ('{"pddl_domain": "d", "pddl_problem": "p", "grammar": "g", "solvable": false}', r"is marked as unsolvable"),
    ],
)
def test_bad_game_files(folder: Path, content: str, message: str) -> None:
    (folder / GAME_FILE).write_text(content, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        load_game(folder)


def test_a_missing_game(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"cannot read .*game\.tw-pddl: No such file.*agemem data download alfworld"):
        load_game(tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot write a game into"):
        save_game(GAME, tmp_path / "file" / "below")
