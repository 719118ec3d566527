"""The steps that all engines share: what they draw, and in which order."""

from __future__ import annotations

import numpy as np

from agemem_env.engines.briefing import (
    MOST_REVISED,
    REVISED,
    Statement,
    mix,
    revisions,
    sample,
    with_corrections,
)
from agemem_env.engines.smalltalk import REMARKS, remarks


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_everything_is_told_in_any_order() -> None:
    told = mix([1, 2, 3], [4, 5], [6], rng())
    assert sorted((s.about, s.gold, s.useful) for s in told) == [
        (1, True, True), (2, True, True), (3, True, True), (4, False, True), (5, False, True), (6, False, False),
    ]  # fmt: skip
    orders = {tuple(s.about for s in mix([1, 2, 3], [4], [], rng(seed))) for seed in range(20)}
    assert len(orders) > 5


def test_needed_and_other_useful_statements_are_revised_at_the_same_rate() -> None:
    told = [Statement(i, gold=i % 2 == 0, useful=i < 6) for i in range(9)]
    found = [revisions(told, lambda number: number != 3, rng(seed)) for seed in range(2000)]
    assert {i for indices in found for i in indices} == {0, 1, 2, 4, 5}
    rates = [sum(i in indices for indices in found) / len(found) for i in (0, 1, 2, 4, 5)]
    assert max(rates) - min(rates) < 0.05 and abs(rates[0] - REVISED) < 0.05
    assert max(map(len, found)) == MOST_REVISED and all(indices == sorted(indices) for indices in found)


def test_the_last_statement_is_not_revised_so_that_no_correction_follows_at_once() -> None:
    told = [Statement(i, gold=True) for i in range(3)]
    assert {i for seed in range(50) for i in revisions(told, lambda _: True, rng(seed))} == {0, 1}


def test_corrections_follow_in_the_order_of_what_they_correct() -> None:
    told = [Statement("a", True), Statement("b", False), Statement("c", True)]
    said = with_corrections(told, {2: "C", 0: "A"})
    assert [s.about for s in said] == ["A", "b", "C", "a", "c"]
    assert [s.supersedes for s in said] == [None, None, None, 0, 2]
    assert [s.wrong for s in said] == [True, False, True, False, False]
    assert [s.gold for s in said] == [True, False, True, True, True]
    assert with_corrections(told, {}) == told


def test_a_sample_has_no_thing_twice() -> None:
    assert sorted(sample("abc", 9, rng())) == ["a", "b", "c"]
    assert sample("", 3, rng()) == []


def test_small_talk_is_a_third_and_says_nothing_twice() -> None:
    for told in range(1, 20):
        said = remarks(["At Ashford", "At Dalton"], told, rng(told))
        assert len(set(said)) == len(said) == (told + 1) // 2
    assert len(remarks(["At Ashford"], 1000, rng())) == len(REMARKS) == len(set(REMARKS))
