from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.cli.live import in_lines
from benchmarks.runs.standing import Standing, in_words
from tests.benchmarks.results.made_up import make_crash, make_row

COST = {"calls": 1, "prompt_tokens": 100, "completion_tokens": 20, "price": 0.5, "seconds": 1.0}


def test_the_standing_of_a_run() -> None:
    cheap = [make_row(seed) for seed in range(4)]
    dear = [replace(make_row(seed, policy="dear"), cost=COST) for seed in range(2)]
    times = iter([0.0, *[60.0] * 20])
    standing = Standing.of([row.spec for row in (*cheap, *dear)], lambda: next(times))
    standing.add(cheap[0], played=False)
    standing.add(cheap[1])
    standing.add(dear[0])
    assert (standing.whole.total, standing.whole.there, standing.whole.tokens) == (6, 3, 120)
    assert standing.whole.price == 0.5
    assert standing.expected_price == pytest.approx(1.0)
    assert standing.seconds_left == pytest.approx(60.0 / 2 * 3)
    assert in_words(standing).startswith("3 of 6 episodes after 1.0 min; so far HotpotQA J ")
    assert in_words(standing).endswith("; 120 tokens; $0.50 of about $1.00; about 2 min left")


def test_an_unknown_price_is_not_a_low_one() -> None:
    row = replace(make_row(0), cost={**COST, "price": None})
    standing = Standing.of([row.spec])
    standing.add(row)
    assert standing.whole.price is None
    assert standing.expected_price is None
    assert "price not known" in in_words(standing)


def test_crashes_are_counted_and_score_nothing() -> None:
    rows = [make_crash(0), make_row(1)]
    standing = Standing.of([row.spec for row in rows])
    standing.add(rows[0])
    assert standing.benchmarks["HotpotQA"].mean is None
    standing.add(rows[1])
    assert (standing.whole.failed, standing.whole.scored) == (1, 1)


def test_progress_is_a_line_from_time_to_time() -> None:
    rows = [make_row(seed) for seed in range(5)]
    said: list[str] = []
    now = [0.0]
    standing = Standing.of([row.spec for row in rows], lambda: now[0])
    track = in_lines(standing, said.append, lambda: now[0])
    for row, at in zip(rows, (10.0, 40.0, 50.0, 75.0, 120.0), strict=True):
        now[0] = at
        track(row, True)
    assert [line.split(";")[0] for line in said] == [
        "2 of 5 episodes after 0.7 min",
        "4 of 5 episodes after 1.2 min",
    ]
