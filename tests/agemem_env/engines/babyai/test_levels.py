"""AgentBoard's levels: the worlds of its rows, and that each is studied in a moment."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from agemem_env.engines.babyai.agentboard import AGENTBOARD_LEVELS, agentboard_world
from agemem_env.engines.babyai.engine import BabyAIEngine
from agemem_env.engines.babyai.study.study import solve, study
from agemem_env.engines.babyai.world import BabyAIWorld

pytestmark = pytest.mark.skipif(find_spec("minigrid") is None, reason="the extra [babyai] is not installed")

S6, S4 = "BabyAI-GoToObjS6-v0", "BabyAI-GoToObjS4-v0"


def opening(engine: BabyAIEngine, key: str) -> str:
    return engine.reset(engine.tasks.get(key), np.random.default_rng(0), briefed=False)


def test_agentboards_rows_of_go_to_obj_are_played_in_small_rooms() -> None:
    rows = BabyAIEngine(source="generated", protocol="agentboard")
    named = BabyAIEngine(source="generated", protocol="agentboard", levels=[S6, S4])
    for seed in range(1234, 1238):
        shown = opening(rows, f"{S6}/{seed}")
        assert shown == opening(named, f"{S4}/{seed}")
        assert rows.tasks.get(f"{S6}/{seed}").query == named.tasks.get(f"{S4}/{seed}").query
    openings = [[opening(named, f"{level}/{seed}") for seed in range(1234, 1238)] for level in (S6, S4)]
    assert openings[0] != openings[1], "named by the user, it is the level of that name"
    others = [level for level in AGENTBOARD_LEVELS if level != S6]
    assert [agentboard_world(level) for level in others] == others


def test_labelled_rows_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "agentboard_labels").mkdir()
    row = {"id": 12, "goal": "g", "subgoals": ["x"], "difficulty": "easy", "additional_info": {"subtask": S6}}
    (tmp_path / "agentboard_labels" / "babyai.test.jsonl").write_text(json.dumps(row))
    monkeypatch.setenv("AGEMEM_DATA", str(tmp_path))
    labelled = BabyAIEngine(protocol="agentboard")
    assert labelled.source == "official"
    first = opening(labelled, f"{S6}/1234")
    assert "There is a purple box 1 1 steps in front of you and 1 steps to your right." in first
    snapshot = labelled.snapshot()
    labelled.step("turn left")
    labelled.restore(snapshot)
    assert labelled.oracle(()).arguments["command"] == "go to purple box 1"


@pytest.mark.parametrize("seed", [42, 44, 50, 1240, 1249, 1250])
def test_keys_behind_locked_doors_are_found(seed: int) -> None:
    level = "BabyAI-UnlockToUnlock-v0"
    assert study(level, seed).commands is not None
    assert solve(BabyAIWorld(level), BabyAIWorld(level), seed, frozenset(), 120).solved, "without facts as well"


def test_a_command_that_is_broken_off_does_not_send_the_expert_round_in_circles() -> None:
    level = "BabyAI-KeyCorridorS6R3-v0"
    assert solve(BabyAIWorld(level), BabyAIWorld(level), 1234, frozenset(), 60).solved


def test_a_hopeless_world_is_given_up_soon() -> None:
    level = "BabyAI-KeyInBox-v0"
    games = solve(BabyAIWorld(level), BabyAIWorld(level), 50, frozenset(), 10_000)
    assert not games.solved
    assert len(games.commands) < 100
    assert study(level, 50).commands is None


@pytest.mark.parametrize(("level", "seed"), [("BabyAI-BossLevel-v0", 1400), ("BabyAI-SynthSeq-v0", 1533)])
def test_long_worlds_that_the_bot_solves_are_solved_and_have_their_limit(level: str, seed: int) -> None:
    found = study(level, seed)
    assert found.commands is not None
    assert found.limit > found.commands > 80
