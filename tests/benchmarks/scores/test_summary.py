from __future__ import annotations

import pytest

from benchmarks.scores.summary import summarize
from tests.benchmarks.results.made_up import make_crash, make_row


def test_summaries_by_benchmark_policy_and_setting() -> None:
    strict = {"reward": "strict", "stages": [1, 2, 3]}
    rows = [make_row(0), make_row(0, policy="random"), make_row(1), make_row(0, env_kwargs=strict)]
    got = [(s.benchmark, s.policy, s.setting["reward"], s.episodes) for s in summarize(rows)]
    assert got == [
        ("HotpotQA", "expert", "paper", 2),
        ("HotpotQA", "random", "paper", 1),
        ("HotpotQA", "expert", "strict", 1),
    ]


def test_a_summary_by_hand() -> None:
    rows = [
        make_row(0, reward=1.0, metrics={"J": 1.0, "MQ": None}, errors={"a": 2, "b": 1}),
        make_row(1, reward=0.0, metrics={"J": 0.5, "MQ": 0.5}, tool_calls={"answer": 1}),
        make_crash(2),
    ]
    (summary,) = [s for s in summarize(rows) if s.episodes]
    assert summary.reward == 0.5
    assert summary.metrics == {"J": 0.75, "MQ": 0.5}
    assert summary.components == {"task": 1.0, "memory": None}
    assert summary.tool_calls == {"Add_memory": 1.0, "answer": 0.5}
    assert summary.errors == 1.5
    assert summary.steps_per_second == 20 / 0.5
    assert summary.score is not None
    assert (summary.score.mean, summary.score.n) == (0.75, 2)


def test_crashes_are_counted_with_their_group_and_not_averaged() -> None:
    kwargs = {"source": "generated", "reward": "paper"}
    (summary,) = summarize([make_row(0, env_kwargs=kwargs), make_crash(1, env_kwargs=kwargs)])
    assert (summary.episodes, summary.failed, summary.reward) == (1, 1, 0.5)


@pytest.mark.parametrize(("benchmark", "score"), [("HotpotQA", "J"), ("PDDL", "PR"), ("BabyAI", "SR"), ("Other", "SR")])
def test_each_benchmark_has_its_score(benchmark: str, score: str) -> None:
    (summary,) = summarize([make_row(benchmark=benchmark)])
    assert summary.score_name == score


def test_of_equal_episodes_the_last_counts() -> None:
    (summary,) = summarize([make_crash(0), make_row(0, reward=0.1), make_row(0, reward=0.9)])
    assert (summary.episodes, summary.failed, summary.reward) == (1, 0, 0.9)


def test_the_score_of_all_counts_crashes_as_zero() -> None:
    kwargs = {"source": "generated", "reward": "paper"}
    played, unscored = make_row(0, env_kwargs=kwargs), make_row(2, env_kwargs=kwargs, metrics={"J": None})
    crashes = [make_crash(seed, env_kwargs=kwargs) for seed in (3, 4, 5)]
    for rows, score, of_all in [
        ([played, *crashes], 1.0, 0.25),
        ([played, unscored, crashes[0]], 1.0, 0.5),
        ([unscored, crashes[0]], None, None),
        (crashes, None, 0.0),
    ]:
        (summary,) = summarize(rows)
        assert (summary.score and summary.score.mean, summary.score_of_all) == (score, of_all)


def test_scores_by_difficulty_leave_out_what_nobody_named() -> None:
    rows = [
        make_row(seed, difficulty=level, metrics={"J": value})
        for seed, (level, value) in enumerate([("hard", 0.0), ("easy", 1.0), ("easy", 0.5), (None, 0.0)])
    ]
    (summary,) = summarize(rows)
    assert {level: found and found.mean for level, found in summary.by_difficulty.items()} == {
        "easy": 0.75,
        "hard": 0.0,
    }


def test_mean_progress_by_turn() -> None:
    rows = [make_row(0, progress_by_turn={"1": 0.5, "3": 1.0}), make_row(1, progress_by_turn={})]
    (summary,) = summarize(rows)
    assert summary.progress_by_turn == [0.25, 0.25, 0.5]


def test_effort_is_not_known_if_a_price_is_missing() -> None:
    cost = {"calls": 2, "prompt_tokens": 1, "completion_tokens": 1, "price": None, "seconds": 1.0}
    (summary,) = summarize([make_row(0), make_row(1, cost=cost)])
    assert summary.effort == {"tokens": 100.0, "calls": 1.0, "price": None, "seconds": 0.25}


def test_a_crash_stands_with_the_episodes_of_the_same_environment() -> None:
    kwargs = {"source": "auto", "reward": "paper"}
    (summary,) = summarize([make_crash(1, env_kwargs=kwargs), make_row(0, env_kwargs=kwargs)])
    assert (summary.failed, summary.setting["source"], summary.failures) == (1, "generated", {"crashed: ValueError": 1})
