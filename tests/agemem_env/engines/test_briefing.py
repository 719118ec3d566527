"""The steps that all engines share: what they draw, and in which order."""

from __future__ import annotations

import numpy as np

from agemem_env.engines.briefing import (
    REVISED_GOLD,
    USELESS,
    Statement,
    choose,
    revised,
    revisions,
    sample,
    with_corrections,
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_all_that_is_needed_is_told_and_few_useless_things() -> None:
    for useless in ([], [10], list(range(10, 30))):
        told = choose([1, 2, 3], useless, rng())
        assert sorted(s.about for s in told if s.gold) == [1, 2, 3]
        others = [s.about for s in told if not s.gold]
        assert len(others) == min(USELESS, len(useless)) and set(others) <= set(useless)
    orders = {tuple(s.about for s in choose([1, 2, 3], [4], rng(seed))) for seed in range(20)}
    assert len(orders) > 5


def test_the_draws_are_two_orders() -> None:
    drawn, expected = rng(), rng()
    told = choose(["a"], ["u", "v", "w", "x", "y"], drawn)
    some = [["u", "v", "w", "x", "y"][i] for i in expected.permutation(5)[:4]]
    assert [s.about for s in told] == [["a", *some][i] for i in expected.permutation(5)]
    assert drawn.random() == expected.random()


def test_a_revision_is_drawn_only_of_what_may_be_revised() -> None:
    told = [Statement(i, gold=i % 2 == 0) for i in range(8)]
    found = [list(revisions(told, lambda number: number in (2, 4, 5), rng(seed))) for seed in range(200)]
    assert {i for indices in found for i in indices} == {2, 4, 5}
    assert all(
        [told[i].gold for i in indices] == sorted([told[i].gold for i in indices], reverse=True) for indices in found
    )
    share = sum(any(told[i].gold for i in indices) for indices in found) / len(found)
    assert abs(share - REVISED_GOLD) < 0.1


def test_the_second_revision_is_drawn_after_what_the_caller_draws() -> None:
    told = [Statement("a", True), Statement("b", False)]
    for seed in range(30):
        drawn, expected = rng(seed), rng(seed)
        indices = []
        for index in revisions(told, lambda _: True, drawn):
            indices.append((index, drawn.random()))
        again = []
        for index, chance in ((0, 0.5), (1, 0.3)):
            if expected.random() < chance:
                expected.integers(1)
                again.append((index, expected.random()))
        assert indices == again


def test_the_chance_is_drawn_even_if_nothing_can_be_revised() -> None:
    drawn, expected = rng(), rng()
    assert revised([], 1.0, drawn) is None
    expected.random()
    assert drawn.random() == expected.random()


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
