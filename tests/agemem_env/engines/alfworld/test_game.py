"""Game files, the homes in them, and the small parts that read and word them; no extra is needed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agemem_env.engines.alfworld.homes.game import GAME_FILE, TRAJECTORY_FILE, Game, Goal, load_game, save_game
from agemem_env.engines.alfworld.homes.house import Receptacle, Thing, house_of
from agemem_env.engines.alfworld.homes.names import display_names
from agemem_env.engines.alfworld.making.export import task_name
from agemem_env.engines.alfworld.making.script import script
from agemem_env.engines.alfworld.rules.expressions import Entity, compile_expression
from agemem_env.engines.alfworld.rules.sas import read_sas
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
(:goal (and (exists (?r - receptacle) (receptacleType ?r ShelfType)))))
"""
GOAL = Goal("pick_two_obj_and_place", "Mug", "Shelf")
GAME = Game("(define (domain alfred))", PROBLEM, "grammar", GOAL, 12, ("go to safe 1",))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_game(GAME, tmp_path)
    return tmp_path


def test_a_saved_game_is_loaded_again(folder: Path) -> None:
    assert load_game(folder) == load_game(folder / GAME_FILE) == GAME
    assert load_game(folder).origin == str(folder / GAME_FILE)
    assert sorted(path.name for path in folder.iterdir()) == [GAME_FILE, TRAJECTORY_FILE]


def test_a_game_without_its_trajectory_has_no_goal(folder: Path) -> None:
    (folder / TRAJECTORY_FILE).unlink()
    game = load_game(folder)
    assert game.goal is None
    assert game.key == GAME.key
    with pytest.raises(DataError, match=r"whose goal is not known cannot be saved"):
        save_game(game, folder / "copy")
    with pytest.raises(DataError, match=r"has no task name"):
        task_name(game)


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


@pytest.mark.parametrize("told", [{"task_type": "x"}, {"pddl_params": None, "task_type": "x"}])
def test_a_trajectory_that_tells_no_goal(folder: Path, told: dict[str, Any]) -> None:
    (folder / TRAJECTORY_FILE).write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(DataError, match=r"traj_data\.json does not tell the goal"):
        load_game(folder)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot write a game into"):
        save_game(GAME, tmp_path / "file" / "below")


def test_the_home_of_a_game() -> None:
    house = house_of(GAME)
    assert house.start == "loc_bar_9"
    assert house.receptacles["safe_bar_1"] == Receptacle("safe_bar_1", "safe 1", "safe", "loc_bar_1", True)
    assert house.things["mug_bar_2"] == Thing(
        "mug_bar_2", "mug 1", "mug", "shelf_bar_2", frozenset({"pickupable", "heatable"})
    )
    assert house.things["window_bar_1"].receptacle is None
    assert house.accepts == {"shelf": {"mug"}, "safe": {"mug"}}
    assert house.by_name["shelf 2"] is house.receptacles["shelf_bar_2"]


@pytest.mark.parametrize("problem", ["(define (problem p))", PROBLEM.replace("(atLocation agent1 loc_bar_9)", "")])
def test_a_problem_without_a_home(problem: str) -> None:
    with pytest.raises(DataError, match=r"the PDDL problem of the game has no (initial state|fact atlocation)"):
        house_of(Game("d", problem, "g"))


def test_a_script_opens_and_walks_only_where_it_must() -> None:
    assert script(house_of(GAME), GOAL) == (
        "go to safe 1",
        "open safe 1",
        "take mug 2 from safe 1",
        "move mug 2 to shelf 2",
        "take mug 1 from shelf 2",
        "move mug 1 to shelf 2",
    )


def test_things_of_a_kind_are_numbered_backwards() -> None:
    names = display_names(["cup_bar_a", "cup_bar_b", "bathtub_bar_a", "bathtub_bar_a_bar_bathtubbasin", "agent1"])
    assert names == {
        "cup_bar_a": "cup 2",
        "cup_bar_b": "cup 1",
        "bathtub_bar_a": "bathtub 1",
        "bathtub_bar_a_bar_bathtubbasin": "bathtubbasin 1",
        "agent1": "agent1 ",
    }


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("o", "mug 1"),
        ("o.id", "mug_bar_1"),
        ("o.definite + ' ' + o.name", "the mug 1"),
        ("o.name or o.id", "mug 1"),
        ("o.name and o.id", "mug_bar_1"),
        (" 'x' ", "x"),
    ],
)
def test_expressions(expression: str, value: str) -> None:
    assert str(compile_expression(expression)({"o": Entity("mug_bar_1", "object", "mug 1")})) == value


@pytest.mark.parametrize(
    "expression", ["__import__('os').getcwd()", "o.__class__", "o.name.title()", "1", "o - o", "(lambda: o)()", "[o]"]
)
def test_expressions_run_no_code(expression: str) -> None:
    with pytest.raises(DataError, match=r"an expression that is not allowed"):
        compile_expression(expression)


def test_expressions_with_errors() -> None:
    with pytest.raises(DataError, match=r"cannot be parsed: 'o \+'"):
        compile_expression("o +")
    with pytest.raises(DataError, match=r"uses 'p' where it has no meaning"):
        compile_expression("p.name")({})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"cannot be read \(StopIteration"),
        ("begin_version\n2\n", r"not version 3"),
        ("begin_metric\n", r"begin_version expected, 'begin_metric' found"),
        (
            "begin_version\n3\nend_version\nbegin_metric\n0\nend_metric\n1\nbegin_variable\nvar0\n-1\n3\nAtom a()\nb\n",
            r"a variable is not an atom and its negation: 'Atom a\(\)'",
        ),
        ("Atom dummy(val1)\nAtom dummy(val2)\nbegin_goal\n1\n0 0\n", r"its goal holds from the beginning"),
        ("Atom dummy(val1)\nAtom dummy(val2)\nbegin_goal\n1\n0 1\n", r"its goal can never be reached"),
    ],
)
def test_translations_that_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        read_sas(text)
