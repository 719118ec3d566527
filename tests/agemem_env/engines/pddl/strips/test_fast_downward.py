"""Random walks side by side with Fast Downward's engine, where TextWorld's binding of it is installed."""

from __future__ import annotations

import re
import sys
from importlib.resources import files
from typing import Any

import numpy as np
import pytest

from agemem_env.engines.pddl.builtin import DOMAINS, builtin_domain
from agemem_env.engines.pddl.generators import generate
from agemem_env.engines.pddl.strips.parser import Atom, Problem
from agemem_env.engines.pddl.strips.strips import StripsWorld
from benchmarks.speed.stock.pddl import problem_text

fast_downward: Any = pytest.importorskip("fast_downward", reason="textworld[pddl] is not installed")

STEPS = 100
PROBLEMS = 12


class Reference:
    """Fast Downward's state and operators."""

    def __init__(self, library: Any, kind: str, problem: Problem) -> None:
        domain = (files("agemem_env.engines.pddl") / "domains" / f"{kind}.pddl").read_text(encoding="utf-8")
        argv = sys.argv  # the translator replaces it
        _, sas = fast_downward.pddl2sas(domain, problem_text(problem))
        sys.argv = argv
        self._library = library
        library.load_sas(sas.encode())

    def operators(self) -> dict[str, int]:
        found = (fast_downward.Operator * self._library.get_applicable_operators_count())()
        self._library.get_applicable_operators(found)
        return {operator.name: operator.id for operator in found}

    def state(self) -> set[Atom]:
        atoms = (fast_downward.Atom * self._library.get_state_size())()
        self._library.get_state(atoms)
        parsed = [re.fullmatch(r"Atom ([\w-]+)\((.*)\)", atom.name) for atom in atoms]
        return {(m[1], *(word.strip() for word in m[2].split(",") if word.strip())) for m in parsed if m}

    def apply(self, operator: int) -> None:
        self._library.apply_operator(operator, (fast_downward.Atom * 100)())

    def solved(self) -> bool:
        return bool(self._library.check_goal())


@pytest.fixture(scope="module")
def library() -> Any:
    return fast_downward.load_lib()


@pytest.mark.parametrize("kind", DOMAINS)
def test_random_walks_agree(kind: str, library: Any) -> None:
    for number in range(PROBLEMS):
        problem = generate("test", 4 * number + DOMAINS.index(kind))[0].problem
        world, reference = StripsWorld(builtin_domain(kind), problem), Reference(library, kind, problem)
        dynamic = {atom for action in world.actions for m in (action.adds, ~action.keeps) for atom in world.members(m)}
        rng, state = np.random.default_rng(number), world.init
        for _ in range(STEPS):
            names = {" ".join((world.actions[i].name, *world.actions[i].arguments)): i for i in world.applicable(state)}
            operators = reference.operators()
            assert set(operators) == set(names)
            assert reference.state() == set(world.members(state)) & dynamic
            assert reference.solved() == world.solved(state)
            chosen = sorted(names)[int(rng.integers(len(names)))]
            reference.apply(operators[chosen])
            state = world.apply(state, names[chosen])
