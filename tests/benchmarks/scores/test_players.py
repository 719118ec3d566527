from __future__ import annotations

import pytest

from benchmarks.scores.players import benchmarks_of, players
from benchmarks.scores.summary import summarize
from tests.benchmarks.results.made_up import make_crash, make_row


def test_a_player_is_averaged_over_benchmarks_whatever_their_source() -> None:
    rows = [make_row(seed, metrics={"J": 0.5}) for seed in range(9)]
    rows += [make_row(0, benchmark="SciWorld", source="official", metrics={"SR": 1.0, "J": None})]
    (player,) = players(summarize(rows))
    assert list(player.summaries) == ["HotpotQA", "SciWorld"]
    assert player.average is not None
    assert (player.average.mean, player.average.n) == (0.75, 10)
    assert player.iqm is not None
    assert player.iqm.mean == 0.5
    assert player.mean(lambda s: s.effort["tokens"]) is None, "SciWorld's row has no TN"


def test_other_settings_and_other_tasks_are_other_lines() -> None:
    rows = [make_row(0), make_row(0, source="official", config_hash="o"), make_row(0, env_kwargs={"reward": "strict"})]
    found = players(summarize(rows))
    assert [(player.first.setting["source"], player.setting["reward"]) for player in found] == [
        ("generated", "paper"), ("official", "paper"), ("generated", "strict")
    ]  # fmt: skip
    assert benchmarks_of(found) == ["HotpotQA"]


@pytest.mark.parametrize("seeds", [1, 3])
def test_a_benchmark_of_crashes_leaves_no_average(seeds: int) -> None:
    rows = [make_row(0), *(make_crash(seed, benchmark="BabyAI") for seed in range(seeds))]
    (player,) = players(summarize(rows))
    assert player.average is None
    assert player.iqm is not None
