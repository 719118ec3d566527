"""AgentBoard's problem files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agemem_env.engines.pddl.engine import PDDLEngine
from agemem_env.engines.pddl.official import entries, present
from agemem_env.errors import DataError
from tests.agemem_env.engines.pddl.test_engine import BLOCKS, TYRES


def official(root: Path, index: str | None) -> None:
    for kind, text in (("blockworld", BLOCKS), ("tyreworld", TYRES)):
        folder = root / "pddl" / kind / "problems"
        folder.mkdir(parents=True)
        for name in ("problem10", "problem2"):
            (folder / f"{name}.pddl").write_text(text, encoding="utf-8")
    if index is not None:
        (root / "pddl" / "index.json").write_text(index, encoding="utf-8")


def test_official_problems_come_in_the_order_of_the_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    file = "blockworld/problems/problem2.pddl"
    row = {"test_index": 5, "domain": "blockworld", "problem_index": 3, "file": file, "difficulty": "hard"}
    first = {**row, "test_index": 1, "domain": "tyreworld", "problem_index": 0, "file": file.replace("block", "tyre")}
    official(tmp_path, json.dumps([row, first]))
    (tmp_path / "pddl" / "tyreworld" / "problems" / "problem2.pddl").write_text(TYRES, encoding="utf-8")
    engine = PDDLEngine()
    assert engine.source == "official"
    assert PDDLEngine(split="train").source == "generated"
    ids = [task.id for task in (engine.tasks.get(1),)]
    assert ids == ["official-blockworld-03"]
    assert engine.tasks.get(ids[0]).data["setup"].difficulty == "hard"


def test_official_problems_without_an_index_are_sorted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    official(tmp_path, None)
    ids = [task.id for task in PDDLEngine(source="official").tasks]
    assert ids == ["official-blockworld-00", "official-blockworld-01", "official-tyreworld-00", "official-tyreworld-01"]


@pytest.mark.parametrize("index", ["[{]", '[{"domain": "gripper"}]', "3", '[{"test_index": 0, "domain": "chess"}]'])
def test_a_broken_index_is_one_error(index: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    official(tmp_path, index)
    with pytest.raises(DataError, match=r"index\.json is broken"):
        PDDLEngine(source="official")


def test_missing_official_problems_say_where_to_put_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"no official PDDL problems in .* use source='generated'"):
        PDDLEngine(source="official")


PROBLEM = """(define (problem {name}) (:domain gripper-strips) (:objects rooma roomb ball1 left)
  (:init (room rooma) (room roomb) (ball ball1) (gripper left) (at-robby rooma) (free left) (at ball1 rooma))
  (:goal (at ball1 roomb)))"""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    return tmp_path


def agentboard(data: Path) -> None:
    root = data / "pddl"
    (root / "gripper").mkdir(parents=True)
    (root / "baking").mkdir()
    for kind in ("gripper", "baking"):
        (root / f"{kind}.pddl").write_text("(define (domain whatever))")
        for name in ("prob10", "prob02", "prob1"):
            (root / kind / f"{name}.pddl").write_text(PROBLEM.format(name=name))


def test_agentboards_own_folder_is_read_as_it_is(data: Path) -> None:
    assert not present()
    agentboard(data)
    assert present()
    assert [(e.id, e.file, e.difficulty) for e in entries()] == [
        ("official-gripper-00", "gripper/prob02.pddl", None),
        ("official-gripper-01", "gripper/prob1.pddl", None),
        ("official-gripper-02", "gripper/prob10.pddl", None),
    ]
    engine = PDDLEngine(split="test", protocol="agentboard")
    assert engine.source == "official"
    assert engine.tasks[1].query == "The goal is to satisfy the following conditions: ball1 is at roomb. "


def test_the_labels_give_the_difficulty(data: Path) -> None:
    agentboard(data)
    (data / "agentboard_labels").mkdir()
    rows = [
        {"id": 1, "difficulty": "hard", "additional_info": {"subtask": "gripper"}},
        {"id": 20, "difficulty": "easy", "additional_info": {"subtask": "blockworld"}},
    ]
    text = "\n".join(json.dumps(row) for row in rows)
    (data / "agentboard_labels" / "pddl.test.jsonl").write_text(text)
    assert [entry.difficulty for entry in entries()] == [None, "hard", None]


def test_an_index_that_names_a_problem_twice_is_refused(data: Path) -> None:
    agentboard(data)
    row = {"domain": "gripper", "problem_index": 0, "file": "gripper/prob02.pddl", "difficulty": "easy"}
    (data / "pddl" / "index.json").write_text(json.dumps([{"test_index": i, **row} for i in range(2)]))
    with pytest.raises(DataError, match=r"index.json is broken .*two problems are 'official-gripper-00'"):
        entries()
