from __future__ import annotations

import dataclasses
import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.report import columns, data, tables
from benchmarks.report.columns import COLUMNS, Column, digits
from benchmarks.report.data import to_data
from benchmarks.report.tables import legend, show
from benchmarks.scores.intervals import mean
from benchmarks.scores.summary import Summary, common_setting, summarize
from tests.benchmarks.results.made_up import make_crash, make_row


def shown(summaries: list[Summary], form: str = "table", metrics: bool = False) -> str:
    if form == "json":
        return to_data(summaries, form).decode()
    text = io.StringIO()
    show(summaries, form, metrics, Console(file=text, width=110))
    return text.getvalue()


def test_what_was_not_scored_is_a_dash() -> None:
    row = make_row(metrics={"J": None, "MQ": None, "TC": 0.0, "TN": 100.0}, reward_components={"memory": None})
    lines = shown(summarize([row]), metrics=True).splitlines()
    assert next(line for line in lines if "expert" in line).split()[2:5] == ["J", "(lexical)", "–"]
    assert [line.split() for line in lines if line.startswith((" MQ", " memory"))] == [
        ["memory", "–"],
        ["MQ", "(lexical)", "–"],
    ]


def test_tables_fit_a_hundred_and_ten_columns() -> None:
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
    assert max(map(len, text.splitlines())) <= 110
    overview = shown(summarize(rows))
    assert overview.count("cheat-add-and-delete") == 2
    assert overview.count("1234567") == 10
    assert "…" not in overview
    assert "J (lexical) 0.12 [0.12, 0.12]" in text


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


def test_a_column_is_one_entry_of_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = Column("Turns", "turns per episode", lambda s: mean(row.steps for row in s.played), digits(1))
    for module in (tables, data):
        monkeypatch.setattr(module, "COLUMNS", (*COLUMNS, turns))
    summaries = summarize([make_row(0, steps=7), make_row(1, steps=8), make_crash(2)])
    table, markdown = (shown(summaries, form).splitlines() for form in ("table", "markdown"))
    assert any(line.split()[-1:] == ["Turns"] for line in table)
    assert any(line.split()[-1:] == ["7.5"] for line in table)
    assert "Turns: turns per episode" in table
    assert markdown[0].endswith("| Turns |")
    assert markdown[2].endswith("| 7.5 |")
    assert json.loads(shown(summaries, "json"))[0]["columns"]["Turns"] == 7.5


def test_columns_stand_in_json_by_name() -> None:
    (summary,) = json.loads(shown(summarize([make_row(metrics={"J": 0.5, "TC": 2.0})]), "json"))
    assert summary["columns"]["Score [95 % CI]"]["estimate"] == summary["score"]
    assert (summary["columns"]["TC"], summary["columns"]["TN"], summary["columns"]["R"]) == (2.0, None, 0.5)


def test_the_page_explains_every_column() -> None:
    page = Path("docs/benchmarking.md").read_text(encoding="utf-8").split("\n## Columns\n")[1].split("\n## ")[0]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in page.splitlines() if line[:1] == "|"]
    assert rows[2:] == legend([*columns.COLUMNS, *columns.COST_COLUMNS])


@pytest.mark.parametrize("width", [40, 80])
@pytest.mark.parametrize("metrics", [False, True])
def test_tables_fit_narrow_terminals_and_lose_no_cell(width: int, metrics: bool) -> None:
    policies = ["expert", "cheat-add-and-delete", "agemem-norl-rag (openai:a-model-with-a-long-name)"]
    summaries = summarize(
        make_row(s, policy=p, metrics={"J": 0.5, "TC": 7.7, "TN": 61234.0}) for p in policies for s in (0, 1)
    )
    text = io.StringIO()
    show(summaries, "table", metrics, Console(file=text, width=width))
    lines = text.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert "…" not in text.getvalue()
    assert sum(line.count("61234") for line in lines) == (6 if metrics else 3)
    headings = [word for line in lines for word in line.split()]
    assert all(name in headings for name in ("R", "Task", "Ctx", "Mem", "Pen", "TC", "TN"))


def test_scores_and_gains_over_all_benchmarks() -> None:
    rows = [
        make_row(seed, policy=policy, benchmark=benchmark, metrics={"J": value, "SR": value, "TN": tokens})
        for benchmark in ("HotpotQA", "BabyAI")
        for policy, value, tokens in (("expert", 1.0, 300.0), ("expert-no-memory", 0.0, 100.0))
        for seed in range(4)
    ]
    lines = [" ".join(line.split()) for line in shown(summarize(rows)).splitlines()]
    assert "Policy BabyAI HotpotQA Average" in lines
    assert any(line.startswith("expert 100.0 100.0 100.0 [") for line in lines)
    assert "expert average 8 +100.0 0.008 8/0/0 +200" in lines
    markdown = shown(summarize(rows), "markdown")
    assert "| expert | average | 8 | +100.0 |" in markdown
    alone = shown(summarize(rows[:4]))
    assert "Average" not in alone
    assert "Gain over" not in alone
