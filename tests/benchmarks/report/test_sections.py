from __future__ import annotations

from typing import Any

from benchmarks.report import sections
from benchmarks.report.naming import names
from benchmarks.report.published import published
from benchmarks.report.table import Table
from benchmarks.results.row import EpisodeRow
from benchmarks.scores.players import players
from benchmarks.scores.summary import summarize
from tests.benchmarks.results.made_up import make_crash, make_row

MODEL = {"calls": 3, "prompt_tokens": 1, "completion_tokens": 1, "price": 0.01, "seconds": 1.0}


def rows(policy: str, value: float, memory: str | None = None, count: int = 4, **changes: Any) -> list[EpisodeRow]:
    metrics = {"J": value, "SR": value, "TN": 100.0 * (1 + value), "TC": 2.0}
    return [
        make_row(seed, policy=policy, memory=memory, metrics=metrics, config_hash=f"{policy}{memory}{seed}{changes}",
                 **changes)
        for seed in range(count)
    ]  # fmt: skip


def lines(table: Table) -> list[list[str]]:
    return [[str(cell) for cell in row.cells] for row in table.rows]


def test_the_leaderboard_is_laid_out_like_the_papers() -> None:
    found = players(summarize(rows("openai:m", 0.5, "mem0", cost=MODEL) + rows("expert", 1.0, benchmark="Other")))
    board = sections.leaderboard(found, names(found), published())
    assert [c.text for c in board.columns] == [
        "#", "Backbone", "Method", "ALFWorld", "SciWorld", "PDDL", "BabyAI", "HotpotQA", "Other", "Average"
    ]  # fmt: skip
    assert board.columns[7].detail == "J (lexical), generated, n = 4"
    ours = lines(board)[:2]
    assert ours[0] == ["1", "openai:m", "mem0", "", "", "", "", "50.0 [50.0, 50.0]", "", "50.0 [50.0, 50.0] of 1"]
    assert ours[1][:3] == ["2", "–", "expert"]
    last = board.rows[-1]
    assert (last.kind, [c.text for c in last.cells]) == (
        "published",
        ["", "Qwen3-4B-Instruct", "AgeMem", "48.97", "59.48", "35.07", "72.56", "55.49", "", "54.31"],
    )
    assert sum(row.kind == "published" for row in board.rows) == 14


def test_a_model_without_a_memory_system_has_the_memory_tools() -> None:
    found = players(summarize(rows("openai:m", 1.0, cost=MODEL)))
    (name,) = names(found)
    assert (name.backbone, name.method, name.label) == ("openai:m", "memory tools", "memory tools (openai:m)")


def test_the_best_of_a_column_is_marked_unless_all_are() -> None:
    found = players(summarize(rows("a", 0.5) + rows("b", 0.75) + rows("c", 0.75)))
    board = sections.leaderboard(found, names(found))
    assert [row.cells[3].best for row in board.rows] == [False, True, True]
    equal = players(summarize(rows("a", 0.5) + rows("b", 0.5)))
    assert not any(cell.best for row in sections.leaderboard(equal, names(equal)).rows for cell in row.cells)


def test_names_say_only_what_differs() -> None:
    strict = {"reward": "strict", "stages": [1, 2, 3]}
    found = players(summarize(rows("a", 0.5) + rows("a", 0.5, env_kwargs=strict)))
    assert [name.label for name in names(found)] == ["a reward=paper", "a reward=strict"]


def test_gains_by_hand() -> None:
    found = players(summarize(rows("openai:m", 0.75, "mem0") + rows("openai:m", 0.25, "no-memory")))
    (line,) = lines(sections.gains(found, names(found)))
    assert line == ["1", "mem0 (openai:m)", "HotpotQA", "4", "+50.0", "0.125", "4/0/0", "+50"]


def test_tool_use_stands_beside_the_papers() -> None:
    found = players(summarize(rows("a", 0.5, tool_calls={"Add_memory": 3, "answer": 1})))
    table = sections.tools(found, names(found), published())
    assert [c.text for c in table.columns][3:] == [*published().tools[0].values, "answer", "TC"]
    first, *others = lines(table)
    assert first == ["1", "a", "HotpotQA", "3.00", "", "", "", "", "", "1.00", "2.00"]
    assert others[0][1:5] == ["AgeMem-noRL (Qwen2.5-7B-Instruct)", "HotpotQA", "0.92", "0.00"]


def test_failures_are_counted_by_cause() -> None:
    lost = {"success": False, "terminated": False}
    found = players(summarize([*rows("a", 0.0, count=3, **lost), *rows("a", 1.0), make_crash(9, policy="a")]))
    table = sections.failed(found, names(found))
    assert [c.text for c in table.columns] == ["#", "Player", "Episodes", "Solved", "crashed: ValueError", "turn limit"]
    assert lines(table) == [["1", "a", "8", "4", "1", "3"]]


def test_comparisons_against_one_of_them() -> None:
    found = players(summarize(rows("a", 1.0) + rows("b", 0.5) + rows("c", 0.0, benchmark="BabyAI")))
    table = sections.against(found, names(found), 0)
    assert table.title == "Against 1 a"
    assert lines(table) == [["2", "b", "4", "-50.0", "0.125", "0/0/4"]]
