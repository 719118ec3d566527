"""The plans that come with the package are those that the search finds, and nothing is searched where they fit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agemem_env.engines.pddl import generators
from agemem_env.engines.pddl.generators import SPLIT_SIZES, generate, search
from agemem_env.engines.pddl.plans.shipped import KnownPlan, checksum, known_plan


def no_search(*_: Any) -> None:
    raise AssertionError("a plan is searched for")


@pytest.mark.parametrize("split", SPLIT_SIZES)
def test_every_task_has_a_plan_that_fits_its_problem(split: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generators, "search", no_search)
    size = SPLIT_SIZES[split]
    for index in range(0, size, max(1, size // 40)):
        ground, _, _ = generate(split, index)
        assert ground.plan and ground.world.solved(ground.world.run(ground.world.init, ground.plan) or 0)


@pytest.mark.parametrize(("split", "index"), [("test", 0), ("test", 5), ("valid", 10), ("train", 3)])
def test_they_are_what_the_search_finds(split: str, index: int) -> None:
    ground, _, rng = generate(split, index)
    attempt, searched, searched_rng = search(split, index)
    assert (ground.problem, ground.plan) == (searched.problem, searched.plan)
    assert rng.bit_generator.state == searched_rng.bit_generator.state
    assert known_plan(split, index) == KnownPlan(attempt, checksum(searched.problem), searched.plan or ())


@pytest.mark.parametrize("change", [{"attempt": 2}, {"checksum": 0}, {"plan": (0, 0)}, {"plan": (9999,)}, None])
def test_what_does_not_fit_is_searched(change: dict[str, Any] | None, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = search("valid", 4)[1]
    known = known_plan("valid", 4)
    assert known is not None
    if change is not None:
        change = {**change, "attempt": known.attempt + 1} if "attempt" in change else change
    wrong = None if change is None else replace(known, **change)
    monkeypatch.setattr(generators, "known_plan", lambda split, index: wrong)
    found = generate("valid", 4)[0]
    assert (found.problem, found.plan) == (expected.problem, expected.plan)
