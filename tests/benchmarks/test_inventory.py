"""Which official data are here: `agemem data list` and `agemem doctor` say the same of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from agemem_env.engines.alfworld.homes.game import save_game
from benchmarks import doctor
from benchmarks.data import data_app
from benchmarks.inventory import LABEL_ROWS, ROWS, Holding, inventory
from benchmarks.specs import registered
from tests.agemem_env.engines.alfworld.test_official import GAME


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The data root; caches are empty."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path / "agemem"))
    monkeypatch.delenv("ALFWORLD_DATA", raising=False)
    (tmp_path / "agemem").mkdir()
    return tmp_path / "agemem"


def holding(benchmark: str, name: str) -> Holding:
    (found,) = [each for each in inventory() if (each.benchmark, each.name) == (benchmark, name)]
    return found


def test_what_is_missing_is_said_with_the_place(root: Path) -> None:
    assert [each.found for each in inventory()] == [""] * len(inventory())
    assert {each.benchmark for each in inventory()} == set(registered()) == {*LABEL_ROWS, "HotpotQA"}
    games = root / "alfworld" / "json_2.1.1" / "valid_unseen"
    assert str(holding("ALFWorld", "test")) == f"test: not downloaded, looked for in {games}"
    assert str(holding("PDDL", "test")) == f"test: not here, looked for in {root / 'pddl'}"


def test_games_below_alfworld_data_are_found(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALFWORLD_DATA", str(tmp_path / "own"))
    folder = tmp_path / "own" / "json_2.1.1" / "valid_seen"
    save_game(GAME, folder / "pick" / "trial_1")
    assert str(holding("ALFWorld", "valid")) == (
        f"valid: 1 of 140 solvable games of valid_seen (a subset), in {folder}"
    )
    assert holding("ALFWorld", "train").folder == tmp_path / "own" / "json_2.1.1" / "train"


def test_problems_are_counted(root: Path) -> None:
    for kind, number in (("gripper", 1), ("gripper", 2), ("barman", 1)):
        (root / "pddl" / kind / "problems").mkdir(parents=True, exist_ok=True)
        (root / "pddl" / kind / "problems" / f"p{number}.pddl").touch()
    assert holding("PDDL", "test").found == "3 of 60 problems (gripper 2, barman 1)"
    (root / "pddl" / "index.json").write_text("{")
    assert holding("PDDL", "test").found.startswith("broken (")


@pytest.mark.parametrize("benchmark", LABEL_ROWS)
def test_labels_are_counted_once(benchmark: str, root: Path) -> None:
    name, total = LABEL_ROWS[benchmark]
    folder = root / "agentboard_labels"
    folder.mkdir()
    for file, ids in (("test", [0, 1, 2]), ("more", [2, 3])):
        (folder / f"{name}.{file}.jsonl").write_text("\n".join(json.dumps({"id": i}) for i in ids))
    assert holding(benchmark, ROWS).found == f"4 of {total} rows ({name}.more.jsonl, {name}.test.jsonl)"
    (folder / f"{name}.test.jsonl").write_text("{")
    assert holding(benchmark, ROWS).found.startswith("broken (JSONDecodeError")


def test_questions_are_found_by_the_names_that_are_read(root: Path) -> None:
    (root / "hotpotqa").mkdir()
    for name in ("hotpot_train_v1.1.json", "train.json", "x.part", ".hidden"):
        (root / "hotpotqa" / name).touch()
    assert holding("HotpotQA", "valid").found == "hotpot_train_v1.1.json"
    assert holding("HotpotQA", "test").found == ""
    assert holding("HotpotQA", "files of no split").found == "train.json"


def test_both_commands_say_the_same(root: Path) -> None:
    (root / "hotpotqa").mkdir()
    (root / "hotpotqa" / "hotpot_dev_distractor_v1.json").touch()
    listed = CliRunner().invoke(data_app, ["list"]).output.splitlines()
    told = [line.strip() for line in doctor.report()]
    for each in inventory():
        assert f"  {each}" in listed
        assert str(each) in told
    assert listed[0] == f"data root: {root} (AGEMEM_DATA names another)"
