"""Tasks in minigrid's levels: facts, splits, labels."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from agemem_env.engines.babyai.agentboard import AGENTBOARD_LEVELS
from agemem_env.engines.babyai.briefing import told_cells
from agemem_env.engines.babyai.engine import BabyAIEngine
from agemem_env.engines.babyai.tasks import SPLITS
from agemem_env.engines.babyai.world import BabyAIWorld
from agemem_env.errors import ConfigurationError, DataError
from tests.agemem_env.engines.babyai.test_engine import engine

pytestmark = pytest.mark.skipif(find_spec("minigrid") is None, reason="the extra [babyai] is not installed")


def test_facts_are_true_and_out_of_sight() -> None:
    made = engine()
    for task in made.tasks[:12]:
        spec, house = task.data["spec"], task.data["house"]
        world = BabyAIWorld(spec.level)
        world.reset(spec.seed)
        stale = task.superseded
        for index, fact in enumerate(task.facts):
            if house not in fact.text or not fact.useful:
                assert not fact.gold and not told_cells(house, [fact.text])
                continue
            cells = told_cells(house, [fact.text])
            assert cells and cells.isdisjoint(world.visible())
            for cell in cells:
                found = world.thing_at(cell)
                if index in stale or "no wall" in fact.text:
                    assert found is None
                else:
                    assert f"{found.color} {found.type}" in fact.text
        assert all(house not in text for text in task.distractors)
        assert house in task.query
        elsewhere = [fact for fact in task.facts if house not in fact.text]
        assert any(fact.useful for fact in elsewhere) and any(not fact.useful for fact in task.facts)


def test_some_facts_are_corrected_later() -> None:
    revised = [task for task in engine().tasks[:20] if task.superseded]
    assert len(revised) >= 5
    assert any(task.facts[old].gold for task in revised for old in task.superseded)


@pytest.mark.slow
def test_splits_share_neither_levels_nor_seeds() -> None:
    assert set(SPLITS["test"].levels) <= set(AGENTBOARD_LEVELS) and len(AGENTBOARD_LEVELS) == 28
    assert not set(SPLITS["test"].levels) & {*SPLITS["train"].levels, *SPLITS["valid"].levels}
    ids = {split: {task.id for task in engine(split=split).tasks[:18]} for split in SPLITS}
    assert not (ids["train"] & ids["valid"]) and not (ids["test"] & ids["train"])


def test_agentboard_tasks_are_its_112_rows() -> None:
    tasks = engine(protocol="agentboard").tasks
    assert len(tasks) == 112
    assert tasks[5].id == "BabyAI-GoToRedBall-v0/1235"
    assert (tasks[0].query, tasks[0].max_rounds) == ("go to the red ball", 30)


@pytest.mark.parametrize(("mark", "comment"), [("", ""), ("\ufeff", "one\u2028two\u0085three")])
def test_official_rows_bring_goal_and_subgoals(
    mark: str, comment: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = {"id": 7, "goal": "go to it, then stop", "subgoals": ["a **"], "additional_info": {}, "comment": comment}
    row["additional_info"] = {"subtask": "BabyAI-GoToRedBall-v0"}
    folder = tmp_path / "agentboard_labels"
    folder.mkdir()
    (folder / "babyai.test.jsonl").write_text(mark + json.dumps(row, ensure_ascii=False) + "\n\n")
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    made = BabyAIEngine(protocol="agentboard")
    assert (made.source, made.tasks[0].id, made.tasks[0].query) == (
        "official", "BabyAI-GoToRedBall-v0/1237", "go to it, and stop",
    )  # fmt: skip
    assert BabyAIEngine(split="train").source == "generated"
    (folder / "babyai.test.jsonl").write_text('{"id": 1}\n')
    with pytest.raises(DataError, match=r"babyai.test.jsonl:1: not a label row"):
        BabyAIEngine()


def test_missing_labels_are_one_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    with pytest.raises(DataError, match="no AgentBoard labels: put"):
        BabyAIEngine(source="official")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"levels": "BabyAI-GoToMoon-v0"}, "unknown BabyAI level 'BabyAI-GoToMoon-v0'"),
        ({"levels": ["BabyAI-GoTo-v0", 3]}, "unknown BabyAI level 3"),
        ({"levels": []}, "name at least one level"),
        ({"levels": 3}, "levels=3 is not allowed"),
        ({"split": "tset"}, "unknown split"),
        ({"source": "web"}, "unknown source"),
        ({"protocol": "alfred"}, "unknown protocol"),
        ({"source": "official", "split": "train"}, "source='official' is not allowed"),
    ],
)
def test_wrong_arguments_are_named(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        engine(**arguments)


def test_ids_name_blocks_of_seeds_and_no_world_is_studied_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(level: str, seed: int) -> None:
        raise AssertionError(f"the world {level}/{seed} was studied")

    monkeypatch.setattr("agemem_env.engines.babyai.tasks.find_out", refuse)
    monkeypatch.setattr("agemem_env.engines.babyai.tasks.choose_seed", refuse)
    tasks = engine(split="train").tasks
    assert len(set(tasks.ids)) == len(tasks) == 3600
    assert tasks.ids[0] == "BabyAI-GoTo-v0/200000-200015"
    assert tasks.has("BabyAI-GoTo-v0/200016-200031")
    assert not tasks.has("BabyAI-GoTo-v0/200000")


def test_the_world_of_a_task_is_of_its_block() -> None:
    task = engine().tasks.get("BabyAI-Open-v0/1250-1265")
    assert (task.id, task.data["spec"].level) == ("BabyAI-Open-v0/1250-1265", "BabyAI-Open-v0")
    assert 1250 <= task.data["spec"].seed <= 1265


def test_an_unknown_task_is_named() -> None:
    for key in (
        "BabyAI-GoTo-v0/1234",
        "BabyAI-Open-v0/1250",
        "BabyAI-Open-v0/1250-1266",
        "BabyAI-Open-v0/99",
        "BabyAI-Open-v0",
        "BabyAI-Open-v0/²",
    ):
        with pytest.raises(ConfigurationError, match="unknown task"):
            engine().tasks.get(key)


def test_any_version_of_a_level_is_the_level() -> None:
    assert engine(levels="BabyAI-GoToObjS6-v1").tasks[0].id.startswith("BabyAI-GoToObjS6-v0/")
