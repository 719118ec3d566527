"""The BabyAI engine on minigrid's levels."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agemem_env.data import data_root
from agemem_env.engines.babyai import minigrid_package
from agemem_env.engines.babyai.engine import BabyAIEngine
from agemem_env.engines.babyai.facts import told_cells
from agemem_env.engines.babyai.levels import AGENTBOARD_LEVELS, SPLITS
from agemem_env.engines.babyai.tasks import Spec, bare_task
from agemem_env.engines.babyai.world import World
from agemem_env.errors import ConfigurationError, DataError, MissingExtraError
from agemem_env.types import Task
from benchmarks.replay.replay import read_records, replay

pytestmark = pytest.mark.skipif(find_spec("minigrid") is None, reason="the extra [babyai] is not installed")

RNG = np.random.default_rng(0)
TRANSCRIPTS = data_root() / "transcripts" / "babyai.jsonl"


def engine(**kwargs: Any) -> BabyAIEngine:
    return BabyAIEngine(**{"source": "generated", **kwargs})


def start(level: str, seed: int, protocol: str = "agemem", subgoals: tuple[str, ...] = ()) -> BabyAIEngine:
    made = engine(protocol=protocol)
    made.reset(bare_task(Spec(f"BabyAI-{level}-v0", seed, "", subgoals)), RNG, briefed=False)
    return made


def play(made: BabyAIEngine, task: Task, *, informed: bool) -> tuple[int, bool]:
    """Let the oracle play a briefed task; return commands and success."""
    made.reset(task, RNG, briefed=True)
    known = [fact.text for fact in task.gold_facts] if informed else []
    assert task.max_rounds is not None
    for turn in range(1, task.max_rounds + 1):
        step = made.step(made.oracle(known).arguments["command"])
        assert step.valid
        if step.done:
            return turn, step.success
    return task.max_rounds, False


def test_facts_are_true_and_out_of_sight() -> None:
    made = engine()
    for task in made.tasks[:12]:
        spec, house = task.data["spec"], task.data["house"]
        world = World(spec.level)
        world.reset(spec.seed)
        stale = task.superseded
        for index, fact in enumerate(task.facts):
            assert house in fact.text
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


def test_some_facts_are_corrected_later() -> None:
    revised = [task for task in engine().tasks[:20] if task.superseded]
    assert len(revised) >= 5
    assert any(task.facts[old].gold for task in revised for old in task.superseded)


def test_the_informed_oracle_solves_and_memory_saves_commands() -> None:
    made = engine()
    played = [[play(made, task, informed=informed) for informed in (True, False)] for task in made.tasks[:30]]
    informed, uninformed = ([row[side] for row in played] for side in (0, 1))
    assert sum(success for _, success in informed) >= 29
    assert sum(success for _, success in informed) - sum(success for _, success in uninformed) >= 9


def test_an_oracle_that_was_not_briefed_does_not_use_facts() -> None:
    made, task = engine(), engine().tasks[0]
    made.reset(task, RNG, briefed=False)
    first = made.oracle([fact.text for fact in task.gold_facts])
    made.reset(task, RNG, briefed=True)
    assert first == made.oracle([])


def test_the_oracle_follows_an_agent_that_goes_its_own_way() -> None:
    made = engine()
    task = made.tasks[0]
    made.reset(task, RNG, briefed=True)
    known = [fact.text for fact in task.gold_facts]
    for command in ("turn left", "move forward", "turn right", "turn right"):
        made.oracle(known)
        made.step(command)
    for _ in range(40):
        if made.step(made.oracle(known).arguments["command"]).success:
            return
    raise AssertionError("not solved")


def test_places_that_are_not_in_the_house_do_no_harm() -> None:
    made = engine()
    task = made.tasks[0]
    made.reset(task, RNG, briefed=True)
    house = task.data["house"]
    assert made.oracle([f"In the house {house}, the red ball is on square Z99."]).name == "act"
    assert made.oracle([f"In the house {house}, the red ball is on square A0."]).name == "act"


def test_default_protocol_mends_the_oddities() -> None:
    made = start("PickupLoc", 1234)
    assert made.step("inventory").text.startswith("You are not carrying anything. You are on square ")
    assert made.step("Pick up red key 1 ").text.count("You are carrying a red key.") == 1
    assert not made.step("pick up red key 1").valid


def test_agentboard_keeps_the_oddities() -> None:
    made = start("PickupLoc", 1234, "agentboard")
    for command in ("inventory", "pick up red key 1", "fly"):
        step = made.step(command)
        assert (step.text, step.valid) == ("The action is not recognized. Please check valid actions.", False)
    assert made.step("").text == "No change in state."
    assert made.step("please CHECK").text.startswith("You can take the following actions: turn left, turn right")


def test_a_door_opened_on_the_way_ends_the_default_protocol_only() -> None:
    results = {}
    for protocol in ("agemem", "agentboard"):
        made = start("OpenRedDoor", 1234, protocol, (" There is a red closed door **", " There is a red open door **"))
        made.step("turn right")
        results[protocol] = made.step("toggle and go through red closed door 1")
    assert (results["agemem"].done, results["agemem"].progress) == (True, 1.0)
    assert (results["agentboard"].done, results["agentboard"].progress) == (False, 0.5)


def test_parts_of_an_instruction_count_without_labels() -> None:
    made = engine(levels="BabyAI-GoToSeqS5R2-v0")
    values = set()
    for task in made.tasks[:8]:
        made.reset(task, RNG, briefed=True)
        for _ in range(40):
            step = made.step(made.oracle([fact.text for fact in task.facts]).arguments["command"])
            values.add(step.progress)
            if step.done:
                break
        assert step.success and step.progress == 1.0
    assert values - {0.0, 1.0}, "no instruction was ever partly done"


def test_snapshots_bring_back_the_oracle_too() -> None:
    made = engine()
    task = made.tasks[3]
    made.reset(task, RNG, briefed=True)
    known = [fact.text for fact in task.gold_facts]
    made.step(made.oracle(known).arguments["command"])
    saved, state = made.snapshot(), made.state_hash()
    ahead = [made.step(made.oracle(known).arguments["command"]).text for _ in range(2)]
    assert made.state_hash() != state
    made.restore(saved)
    assert made.state_hash() == state
    assert [made.step(made.oracle(known).arguments["command"]).text for _ in range(2)] == ahead


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


def test_an_unknown_task_is_named() -> None:
    for key in ("BabyAI-GoTo-v0/1234", "BabyAI-Open-v0/99", "BabyAI-Open-v0", "BabyAI-Open-v0/²"):
        with pytest.raises(ConfigurationError, match="unknown task"):
            engine().tasks.get(key)


def test_any_version_of_a_level_is_the_level() -> None:
    assert engine(levels="BabyAI-GoToObjS6-v1").tasks[0].id.startswith("BabyAI-GoToObjS6-v0/")


def test_without_minigrid_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    minigrid_package.minigrid.cache_clear()
    monkeypatch.setitem(sys.modules, "minigrid", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'agemem-env\[babyai\]'"):
        engine()
    minigrid_package.minigrid.cache_clear()


def test_playing_imports_no_pygame_and_prints_nothing() -> None:
    code = (
        "import sys; from agemem_env.engines.babyai.world import World\n"
        "for seed in range(30):\n"
        "    world = World('BabyAI-PutNextLocal-v0'); world.reset(seed); world.step(0)\n"
        "assert not [m for m in sys.modules if m.startswith('pygame')], 'pygame was imported'\n"
        "import pygame; assert pygame.Surface is sys.modules['minigrid.minigrid_env'].pygame.Surface\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "Sampling rejected" not in result.stdout


@pytest.mark.skipif(not TRANSCRIPTS.exists(), reason="AGEMEM_DATA has no recorded episodes")
def test_recorded_episodes_are_reproduced() -> None:
    from benchmarks.replay.replay import adapter

    tally = replay(adapter("BabyAI"), read_records(TRANSCRIPTS))
    assert tally.ok and tally.episodes > 0, tally.differences[:3]


def test_a_recording_of_an_unknown_level_is_one_error() -> None:
    from benchmarks.replay.replay import adapter

    with pytest.raises(DataError, match="does not name a level"):
        adapter("BabyAI").start({"game_name": "BabyAI-Moon-v0", "seed": 1, "subgoals": []})


def test_second_subgoals_of_a_recording_come_from_the_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks.replay.replay import adapter

    label = {
        "id": 52,
        "goal": "open the door",
        "subgoals": ["no such thing"],
        "subgoals_1": ["The room has walls around you"],
        "additional_info": {"subtask": "BabyAI-OpenDoorLoc-v0"},
    }
    (tmp_path / "agentboard_labels").mkdir()
    (tmp_path / "agentboard_labels" / "babyai.test.jsonl").write_text(json.dumps(label))
    record = {"game_name": "BabyAI-OpenDoorLoc-v0", "seed": 1234, "subgoals": ["no such thing"]}
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    assert adapter("BabyAI").start(record)[0].step("turn left").progress == 1.0
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path / "none"))
    assert adapter("BabyAI").start(record)[0].step("turn left").progress == 0.0
