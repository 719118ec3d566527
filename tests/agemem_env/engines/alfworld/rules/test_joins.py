"""Joins give every way to bind variables so that all atoms hold, and no other."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from agemem_env.engines.alfworld.rules.joins import EVERYTHING, Pattern, Row, joined

OBJECTS = tuple("abcde")


def by_hand(patterns: list[Pattern], facts: dict[str, set[Row]], members: dict[str, set[str]]) -> set[tuple[str, ...]]:
    variables = sorted(members)
    found = set()
    for values in product(OBJECTS, repeat=len(variables)):
        binding = dict(zip(variables, values, strict=True))
        atoms = [(name, tuple(binding.get(a, a) for a in arguments)) for name, arguments in patterns]
        if all(row in facts[name] for name, row in atoms) and all(binding[v] in members[v] for v in variables):
            found.add(values)
    return found


@pytest.mark.parametrize("seed", range(30))
def test_they_are_what_trying_everything_finds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    variables = ["?x", "?y", "?z"][: int(rng.integers(1, 4))]
    words = [*variables, "a", "b"]
    facts = {
        name: {tuple(OBJECTS[int(i)] for i in rng.integers(5, size=arity)) for _ in range(12)}
        for name, arity in (("p", 1), ("q", 2), ("r", 3))
    }
    patterns: list[Pattern] = [("q", (variables[0], variables[-1]))]
    patterns += [("p", (v,)) for v in variables]
    patterns += [
        (name, tuple(words[int(i)] for i in rng.integers(len(words), size=arity)))
        for name, arity in (("q", 2), ("r", 3))[: int(rng.integers(3))]
    ]
    members = {v: {o for o in OBJECTS if rng.random() < 0.8} for v in variables}
    table = joined(EVERYTHING, patterns, facts, members)
    found = [tuple(row[table.variables.index(v)] for v in sorted(members)) for row in table.rows]
    assert len(found) == len(set(found))
    assert set(found) == by_hand(patterns, facts, members)
    assert set(table.variables) == set(variables)
