from __future__ import annotations

from typing import Any

import pytest

from benchmarks.results.row import EpisodeRow
from benchmarks.scores.players import Player, players
from benchmarks.scores.summary import summarize
from tests.benchmarks.results.made_up import make_row


def played(player: dict[str, Any], scores: list[float], tokens: float, **changes: Any) -> list[EpisodeRow]:
    metrics = [{"J": value, "SR": value, "TN": tokens, "MT": 10.0} for value in scores]
    return [
        make_row(seed, metrics=m, config_hash=f"{player}{seed}{changes}", **player, **changes)
        for seed, m in enumerate(metrics)
    ]


MEM0 = {"policy": "openai:m", "memory": "mem0"}
NONE = {"policy": "openai:m", "memory": "no-memory"}


def winners(rows: list[EpisodeRow]) -> list[Player]:
    return [player for player in players(summarize(rows)) if player.gain is not None]


def test_a_memory_system_is_set_against_the_same_policy_without() -> None:
    rows = played(MEM0, [1.0, 1.0, 0.5], 300.0) + played(NONE, [0.0, 1.0, 0.5], 100.0)
    (found,) = winners(rows)
    assert found.gain is not None
    assert (found.name, found.gain.without) == ("mem0 (openai:m)", "no-memory (openai:m)")
    assert found.gain.score.difference is not None
    assert found.gain.tokens.difference is not None
    assert found.gain.score.difference.mean == pytest.approx(1 / 3)
    assert found.gain.tokens.difference.mean == 200.0


def test_experts_have_a_twin_without_memory() -> None:
    rows = played({"policy": "expert"}, [1.0], 1.0) + played({"policy": "expert-no-memory"}, [0.0], 1.0)
    (found,) = winners(rows)
    assert found.name == "expert"


def test_another_model_or_setting_is_no_twin() -> None:
    other = {"policy": "openai:other", "memory": "no-memory"}
    warm = played(NONE, [0.0], 1.0, model={"temperature": 1})
    assert winners(played(MEM0, [1.0], 1.0) + played(other, [0.0], 1.0) + warm) == []
    assert winners(played(NONE, [1.0], 1.0)) == []


def test_the_gain_over_benchmarks_is_the_mean_of_theirs() -> None:
    babyai = {"benchmark": "BabyAI", "source": "official"}
    rows = played(MEM0, [1.0, 1.0], 1.0) + played(NONE, [0.0, 0.0], 1.0)
    rows += played(MEM0, [1.0], 1.0, **babyai) + played(NONE, [1.0], 1.0, **babyai)
    rows += played(MEM0, [1.0], 1.0, benchmark="PDDL")
    (found,) = winners(rows)
    assert found.gain is not None
    assert found.gain.score.difference is not None
    assert (found.gain.score.difference.mean, found.gain.score.tasks) == (0.5, 3)
    first = found.summaries["HotpotQA"].gain
    assert first is not None
    assert first.score.difference is not None
    assert first.score.difference.mean == 1.0
    assert found.summaries["PDDL"].gain is None
