"""Replay of BabyAI recordings."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import pytest

from agemem_env.data import data_root
from agemem_env.errors import DataError
from benchmarks.replay.replay import adapter, read_records, replay

pytestmark = pytest.mark.skipif(find_spec("minigrid") is None, reason="the extra [babyai] is not installed")
TRANSCRIPTS = data_root() / "transcripts" / "babyai.jsonl"


@pytest.mark.skipif(not TRANSCRIPTS.exists(), reason="AGEMEM_DATA has no recorded episodes")
def test_recorded_episodes_are_reproduced() -> None:
    tally = replay(adapter("BabyAI"), read_records(TRANSCRIPTS))
    assert tally.ok and tally.episodes > 0, tally.differences[:3]


def test_a_recording_of_an_unknown_level_is_one_error() -> None:
    with pytest.raises(DataError, match="does not name a level"):
        adapter("BabyAI").start({"game_name": "BabyAI-Moon-v0", "seed": 1, "subgoals": []})


def test_second_subgoals_of_a_recording_come_from_the_labels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
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
