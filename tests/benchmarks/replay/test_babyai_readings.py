"""What a BabyAI recording may leave out, and where it comes from then."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agemem_env.errors import DataError
from benchmarks.replay.babyai import RENAMED, BabyAIReplay
from benchmarks.replay.replay import replay

pytest.importorskip("minigrid", reason="the extra babyai is not installed")

ROOM = "The room has walls around you"
LABEL: dict[str, Any] = {
    "id": 52,
    "goal": "open the door",
    "subgoals": [ROOM, "no such thing"],
    "additional_info": {"subtask": "BabyAI-OpenDoorLoc-v0"},
}
RECORD: dict[str, Any] = {"game_name": "BabyAI-OpenDoorLoc-v0", "seed": 1234, "subgoals": [ROOM, "no such thing"]}


def player(folder: Path, monkeypatch: pytest.MonkeyPatch, *labels: dict[str, Any]) -> BabyAIReplay:
    (folder / "agentboard_labels").mkdir()
    text = "\n".join(json.dumps(label) for label in labels)
    if labels:
        (folder / "agentboard_labels" / "babyai.test.jsonl").write_text(text)
    monkeypatch.setenv("AGEMEM_DATA", str(folder))
    return BabyAIReplay()


def without(*names: str, **rest: Any) -> dict[str, Any]:
    return {key: value for key, value in RECORD.items() if key not in names} | rest


@pytest.mark.parametrize(
    "record",
    [RECORD, without("subgoals", id=52), without("subgoals"), {"id": 52}, without("subgoals", id=7)],
    ids=["record", "label of the id", "label of the world", "id alone", "another id"],
)
def test_subgoals_come_from_the_record_or_the_label(
    record: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = player(tmp_path, monkeypatch, LABEL)
    reading = next(adapter.readings(record))
    assert adapter.start(reading)[0].step("turn left").progress == 0.5


def test_subgoals_of_the_record_are_taken_before_those_of_the_label(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = player(tmp_path, monkeypatch, LABEL)
    assert adapter.start({**RECORD, "id": 52, "subgoals": [ROOM]})[0].step("turn left").progress == 1.0


@pytest.mark.parametrize(
    "record",
    [
        without("subgoals"),
        without("subgoals", id=53),
        without(subgoals=[]),
        without(subgoals="There"),
        without(subgoals=[1]),
        without("game_name"),
        without("game_name", id="x"),
        without("game_name", id=112),
        without("seed"),
        without(seed="x"),
    ],
)
def test_what_is_missing_is_said_in_one_line(
    record: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = player(tmp_path, monkeypatch)
    with pytest.raises(DataError, match=r"^line 3: the recording does not name a level, seed and sub-goals: .+$"):
        replay(adapter, [(3, {**record, "steps": []})])


def test_a_harness_may_do_without_second_subgoals(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three = [ROOM, "no such thing", "nor such"]
    adapter = player(tmp_path, monkeypatch, {**LABEL, "subgoals": three, "subgoals_1": ["none", ROOM, "none"]})
    record = {**RECORD, "subgoals": three}
    game = adapter.start(record)[0]
    texts = [game.step("turn left").text for _ in range(2)]
    for last, ok in ((2 / 3, True), (1 / 3, True), (1.0, False)):  # with second ones, without, neither
        rewards = [1 / 3, last]
        pairs = zip(texts, rewards, strict=True)
        steps = [{"action": "turn left", "observation": text, "reward": reward} for text, reward in pairs]
        assert replay(adapter, [(1, {**record, "steps": steps})]).ok is ok


@pytest.mark.parametrize("now", [*RENAMED, *RENAMED.values()])
def test_a_level_is_looked_for_in_both_versions_of_minigrid(
    now: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    adapter = player(tmp_path, monkeypatch)
    record = {"game_name": now, "seed": 1235, "subgoals": [ROOM]}
    opening = adapter.start(record)[1]
    (named,) = RENAMED
    tally = replay(adapter, [(1, {**record, "game_name": named, "initial_observation": opening, "steps": []})])
    assert tally.ok, tally.differences


@pytest.mark.parametrize(
    ("record", "whole"),
    [
        ({"success": False, "steps": [{"observation": "x\n The task is completed.", "done": True}]}, True),
        ({"success": False, "steps": [{"observation": "x", "done": False}]}, False),
        ({"success": True, "steps": [{"observation": "x\n The task is completed.", "done": True}]}, False),
        ({"success": False, "steps": []}, False),
    ],
)
def test_an_ended_episode_that_is_no_success_shows_the_rule(record: dict[str, Any], whole: bool) -> None:
    assert BabyAIReplay().dialect(record).whole_success is whole
