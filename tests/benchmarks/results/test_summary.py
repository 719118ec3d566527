from __future__ import annotations

import dataclasses
import io
import json
import math
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from benchmarks.cli import app
from benchmarks.results.intervals import Estimate, bootstrap, estimate, mean, wilson
from benchmarks.results.summary import Summary, common_setting, summarize
from benchmarks.results.tables import show
from tests.benchmarks.results.test_results import make_crash, make_row, write


def shown(summaries: list[Summary], form: str = "table", metrics: bool = False) -> str:
    text = io.StringIO()
    show(summaries, form, metrics, Console(file=text, width=100))
    return text.getvalue()


def test_wilson_solves_its_defining_equation() -> None:
    # The ends are the rates p from which the observed rate is 1.96 standard errors away.
    for end in wilson(3, 12):
        assert abs(3 / 12 - end) == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / 12), abs=1e-6)


def test_wilson_at_the_border() -> None:
    # With no success in n the interval is [0, z² / (n + z²)].
    assert wilson(0, 20) == pytest.approx((0.0, 3.841459 / 23.841459), abs=1e-6)
    assert wilson(20, 20) == pytest.approx((20 / 23.841459, 1.0), abs=1e-6)


def test_bootstrap_of_two_values() -> None:
    # Resampled means are 0, 1/4 and 1/2 with probabilities 1/4, 1/2 and 1/4: both ends are reached.
    assert bootstrap([0.0, 0.5]) == (0.0, 0.5)


def test_bootstrap_is_close_to_the_normal_interval_and_repeats() -> None:
    values = [i / 100 for i in range(101)]
    half = 1.96 * math.sqrt(sum((v - 0.5) ** 2 for v in values) / 101 / 101)
    assert bootstrap(values) == pytest.approx((0.5 - half, 0.5 + half), abs=0.01)
    assert bootstrap(values) == bootstrap(values)


def test_estimates_leave_out_what_was_not_scored() -> None:
    assert estimate([None, None]) is None
    assert estimate([None, 0.25]) == Estimate(0.25, None, None, 1, "none")
    rate = estimate([1, None, 0, 1.0])
    assert rate is not None
    assert rate.mean == pytest.approx(2 / 3)
    assert (rate.n, rate.method) == (3, "wilson")
    assert mean([None, 1.0, 0.5]) == 0.75


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


def test_what_was_not_scored_is_a_dash() -> None:
    row = make_row(metrics={"J": None, "MQ": None, "TC": 0.0, "TN": 100.0}, reward_components={"memory": None})
    lines = shown(summarize([row]), metrics=True).splitlines()
    assert next(line for line in lines if "expert" in line).split()[2:4] == ["J", "–"]
    assert [line.split() for line in lines if line.startswith((" MQ", " memory"))] == [
        ["memory", "–"],
        ["MQ", "–"],
    ]


def test_tables_fit_a_hundred_columns() -> None:
    policies = ["expert", "cheat-add-and-delete", "expert-no-memory", "random", "cheat-mention-tools"]
    big = {"J": 0.123, "TC": 123.4, "TN": 1234567.0}
    profiles = [{"reward": r, "encoder": "sentence-transformers:some-long-name"} for r in ("paper", "strict")]
    rows = [
        make_row(s, policy=p, metrics=big, errors={"x": 100}, steps=10_000, env_kwargs=k)
        for k in profiles
        for p in policies
        for s in range(2)
    ]
    text = shown(summarize(rows), metrics=True)
    assert max(map(len, text.splitlines())) <= 100
    overview = shown(summarize(rows))
    assert overview.count("cheat-add-and-delete") == 2
    assert overview.count("1234567") == 10
    assert "…" not in overview
    assert "J 0.12 [0.12, 0.12]" in text


def test_costs_by_hand() -> None:
    whole = {"calls": 10, "prompt_tokens": 2000, "completion_tokens": 60, "price": 0.5, "seconds": 4.0}
    share = {"calls": 4, "prompt_tokens": 500, "completion_tokens": 20, "price": 0.125, "seconds": 1.5}
    kwargs = {"source": "generated", "reward": "paper"}
    model = {"policy": "openai:m", "memory": "mem0", "cost": whole, "memory_cost": share, "env_kwargs": kwargs}
    rows = [
        make_row(0, **model),
        make_row(1, **{**model, "cost": {**whole, "calls": 30, "price": 0.25}}),
        make_row(2, **{**model, "cost": {**whole, "price": None}, "policy": "openai:free"}),
        make_row(3, env_kwargs=kwargs),
    ]
    crash = make_crash(4, env_kwargs=kwargs)
    rows.append(dataclasses.replace(crash, policy="openai:m", memory="mem0", config_hash="x", cost=whole))
    lines = [line.split() for line in shown(summarize(rows)).splitlines()]
    assert ["mem0", "(openai:m)", "20.0", "2000", "60", "0.3750", "1.25", "4.0", "520", "0.1250", "1.5"] in lines
    assert ["mem0", "(openai:free)", "10.0", "2000", "60", "–", "–", "4.0", "520", "0.1250", "1.5"] in lines
    assert sum(line[:1] == ["expert"] for line in lines) == 1, "a policy without calls is in no table of costs"


def test_without_models_nothing_is_said_of_costs() -> None:
    text = shown(summarize([make_row()]))
    assert "Cost of language models" not in text
    assert "Steps/s" in text


def test_labels_name_only_what_differs() -> None:
    strict = {"reward": "strict", "stages": [1, 2, 3]}
    summaries = summarize([make_row(), make_row(env_kwargs=strict)])
    assert common_setting(summaries)["stages"] == [1, 2, 3]
    assert "| HotpotQA reward=paper | expert |" in shown(summaries, "markdown")


def test_json_holds_everything() -> None:
    (summary,) = json.loads(shown(summarize([make_row()]), "json"))
    assert summary["metrics"] == {"J": 1.0, "SR": 0.0, "TC": 2.0, "TN": 100.0}
    assert summary["components"]["memory"] is None


def test_report_merges_files(tmp_path: Path) -> None:
    one = write(tmp_path / "one.jsonl", make_row(0), make_row(1))
    two = write(tmp_path / "two.jsonl", make_row(1), make_row(2), make_row(0, policy="random"))
    result = CliRunner().invoke(app, ["report", str(one), str(two), "--format", "json"])
    assert result.exit_code == 0
    assert [(s["policy"], s["episodes"]) for s in json.loads(result.stdout)] == [("expert", 3), ("random", 1)]


def test_report_names_a_broken_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text("{}\n")
    result = CliRunner().invoke(app, ["report", str(path)])
    assert result.exit_code == 1
    assert len(result.stderr.splitlines()) == 1
    assert "line 1: not a result row" in result.stderr
