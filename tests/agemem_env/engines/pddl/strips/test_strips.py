from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from agemem_env.engines.pddl.strips.parser import Atom, Domain, Literal, Problem, parse_domain, parse_problem
from agemem_env.engines.pddl.strips.strips import StripsWorld

DOMAIN = parse_domain(
    """(define (domain d) (:requirements :typing :equality :negative-preconditions)
    (:types big small - thing) (:constants hub - big)
    (:predicates (road ?a ?b) (at ?a) (dirty ?a) (seen ?a))
    (:action go :parameters (?a ?b) :precondition (and (at ?a) (road ?a ?b) (not (= ?a ?b)))
      :effect (and (not (at ?a)) (at ?b) (seen ?b)))
    (:action stay :parameters (?a) :precondition (at ?a) :effect (and (not (at ?a)) (at ?a)))
    (:action wipe :parameters (?a - big ?b - small) :precondition (and (at ?a) (not (road ?b ?a)) (dirty ?b))
      :effect (not (dirty ?b)))
    (:action spill :parameters (?b - small) :precondition (and (not (dirty ?b)) (at hub)) :effect (dirty ?b)))""",
    "d",
)


NAMES = {"hub": "big", "b": "big", "s": "small", "t": "small"}


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    pairs = draw(st.sets(st.tuples(st.sampled_from(list(NAMES)), st.sampled_from(list(NAMES))), max_size=8))
    dirty = draw(st.sets(st.sampled_from(["s", "t"])))
    start = draw(st.sampled_from(list(NAMES)))
    init = [("at", start), *(("road", *pair) for pair in sorted(pairs)), *(("dirty", x) for x in sorted(dirty))]
    objects = tuple((name, kind) for name, kind in NAMES.items() if name != "hub")
    return Problem("p", "d", objects, tuple(init), (Literal(("seen", "t")), Literal(("dirty", "s"), False)))


def naive(domain: Domain, state: set[Atom]) -> dict[tuple[str, ...], set[Atom]]:
    """Every applicable action that can change a state, with its outcome, by trying all objects."""
    found = {}
    for schema in domain.actions.values():
        for objects in product(NAMES, repeat=len(schema.parameters)):
            pairs = zip(objects, schema.parameters, strict=True)
            if not all(domain.is_a(NAMES[o], kind) or kind == "object" for o, (_, kind) in pairs):
                continue
            binding = dict(zip((v for v, _ in schema.parameters), objects, strict=True))
            effects = [(substitute(p.atom, binding), p.positive) for p in schema.effects]
            adds, dels = {a for a, p in effects if p}, {a for a, p in effects if not p}
            if schema.name != "stay" and all(holds(p, binding, state) for p in schema.preconditions):
                found[(schema.name, *objects)] = (state - dels) | adds
    return found


def substitute(atom: Atom, binding: dict[str, str]) -> Atom:
    return (atom[0], *(binding.get(word, word) for word in atom[1:]))


def holds(literal: Literal, binding: dict[str, str], state: set[Atom]) -> bool:
    atom = substitute(literal.atom, binding)
    return (atom[1] == atom[2] if atom[0] == "=" else atom in state) == literal.positive


@settings(max_examples=60, deadline=None)
@given(problems(), st.integers(0, 1000))
def test_actions_and_states_are_those_of_trying_everything(problem: Problem, seed: int) -> None:
    world = StripsWorld(DOMAIN, problem)
    rng, state = np.random.default_rng(seed), world.init
    for _ in range(15):
        expected = naive(DOMAIN, set(world.members(state)))
        outcomes = {
            (world.actions[i].name, *world.actions[i].arguments): set(world.members(world.apply(state, i)))
            for i in world.applicable(state)
        }
        assert outcomes == expected
        assert all(world.allows(state, world.index[name]) for name in outcomes)
        if not outcomes:
            break
        chosen = sorted(outcomes)[int(rng.integers(len(outcomes)))]
        state = world.apply(state, world.index[chosen])


def test_progress_counts_positive_and_negative_literals() -> None:
    init = (("at", "hub"), ("dirty", "s"))
    world = StripsWorld(
        DOMAIN, Problem("p", "d", (("s", "small"),), init, (Literal(("seen", "s")), Literal(("dirty", "s"), False)))
    )
    assert (world.met(world.init), world.solved(world.init)) == (0, False)
    assert world.met(0) == 1
    assert world.solved(world.mask([("seen", "s")]))


def test_assumed_atoms_are_grounded_though_they_are_false() -> None:
    problem = parse_problem(
        "(define (problem p) (:domain d) (:objects a c - big) (:init (at a)) (:goal (at c)))", "p", DOMAIN
    )
    assert ("go", "a", "c") not in StripsWorld(DOMAIN, problem).index
    world = StripsWorld(DOMAIN, problem, [("road", "a", "c")])
    assert world.applicable(world.init) == []
    assert [world.actions[i].name for i in world.applicable(world.init | world.bit["road", "a", "c"])] == ["go"]
