from __future__ import annotations

from dataclasses import replace
from io import StringIO

from rich.console import Console

from benchmarks.cli.live import _picture
from benchmarks.runs.standing import Standing
from tests.benchmarks.results.made_up import make_crash, make_row

COST = {"calls": 1, "prompt_tokens": 1000, "completion_tokens": 234, "price": 0.5, "seconds": 1.0}


def test_the_table_shows_benchmarks_and_all_of_it() -> None:
    rows = [replace(make_row(0), cost=COST), make_crash(1), make_row(0, benchmark="PDDL", metrics={"PR": 0.25})]
    times = iter([0.0, *[75.0] * 20])
    standing = Standing.of([row.spec for row in rows], lambda: next(times))
    for row in rows[:2]:
        standing.add(row)
    shown = Console(file=StringIO(), width=100)
    shown.print(_picture(standing))
    text = shown.file.getvalue()  # type: ignore[attr-defined]
    hotpotqa, pddl, together, caption = text.splitlines()[1:5]
    assert hotpotqa.split()[:2] == ["HotpotQA", "2/2"]
    assert hotpotqa.split()[-4:] == ["J", "1.00", "1", "1,234"]
    assert pddl.split()[:2] == ["PDDL", "0/1"]
    assert together.split()[:2] == ["all", "2/3"]
    assert caption.strip() == "1:15 min, about 0:37 min left; $0.50 of about $0.75"
