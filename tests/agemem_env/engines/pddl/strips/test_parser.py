from __future__ import annotations

import pytest

from agemem_env.data.locate import data_root
from agemem_env.engines.pddl.builtin import DOMAINS, builtin_domain
from agemem_env.engines.pddl.official import entries, read_domain, read_problem
from agemem_env.engines.pddl.strips.parser import Literal, parse_domain, parse_problem
from agemem_env.engines.pddl.strips.strips import StripsWorld
from agemem_env.errors import DataError

needs_official = pytest.mark.skipif(
    not (data_root() / "pddl" / "gripper" / "domain.pddl").is_file(), reason="AGEMEM_DATA has no PDDL problems"
)

DOMAIN = """(define (domain lamps) ; a comment (with a list)
  (:requirements :strips :typing :negative-preconditions :equality)
  (:types lamp switch - thing)
  (:constants MAIN - switch)
  (:predicates (lit ?l - lamp) (wired ?s - switch ?l - lamp) (broken ?s - switch))
  (:action press
    :parameters (?s - switch?l - lamp)
    :precondition (and (wired ?s ?l) (not (broken ?s)) (not (= ?s main)))
    :effect (and (lit ?l))))"""
PROBLEM = "(define (problem p) (:domain lamps) (:objects a b - lamp s - switch) (:init (wired s a)) (:goal (lit a)))"


def test_a_domain_is_read() -> None:
    domain = parse_domain(DOMAIN, "d")
    press = domain.actions["press"]
    assert domain.constants == {"main": "switch"}
    assert press.parameters == (("?s", "switch"), ("?l", "lamp")), "a variable ends where the next one begins"
    assert press.preconditions[1:] == (Literal(("broken", "?s"), False), Literal(("=", "?s", "main"), False))
    assert domain.is_a("lamp", "thing")
    assert not domain.is_a("lamp", "switch")


def test_a_problem_is_read() -> None:
    problem = parse_problem(PROBLEM, "p", parse_domain(DOMAIN, "d"))
    assert problem.objects == (("a", "lamp"), ("b", "lamp"), ("s", "switch"))
    assert problem.init == (("wired", "s", "a"),)
    assert problem.goal == (Literal(("lit", "a")),)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (")))))", "))))", r"^d:1: this '\(' is never closed"),
        (":effect (and (lit ?l))))", ":effect (and (lit ?l)))))", r"^d:9: this '\)' closes nothing"),
        ("(define (domain lamps)", "(domain lamps", r"^d:1: expected \(define \(domain NAME\)"),
        (":equality", ":adl", r"^d:2: unsupported requirement ':adl'; allowed: :strips, :typing"),
        ("(:constants MAIN - switch)", "(:functions (cost))", r"^d:4: unsupported section ':functions'"),
        ("- thing", "- (either a b)", r"^d:3: \(either \.\.\.\) is not supported as a type"),
        ("MAIN - switch", "MAIN - button", r"^d:4: unknown type 'button'"),
        ("(lit ?l - lamp)", "(lit l - lamp)", r"^d:5: expected a variable, found 'l'"),
        ("(and (wired ?s ?l)", "(and (or (wired ?s ?l))", r"^d:8: \(or \.\.\.\) is not supported"),
        ("(and (lit ?l))", "(when (lit ?l) (lit ?l))", r"^d:9: \(when \.\.\.\) is not supported"),
        ("(and (wired ?s ?l)", "(and (wired ?s)", r"^d:8: 'wired' takes 2 arguments, found 1"),
        ("(and (wired ?s ?l)", "(and (tied ?s ?l)", r"^d:8: unknown predicate 'tied'; declared: lit, wired, broken"),
        ("(and (wired ?s ?l)", "(and (wired ?s ?k)", r"^d:8: unknown variable '\?k'"),
        (":effect", ":result", r"^d:9: unsupported part ':result' of action 'press'"),
        ("lamp switch - thing", "lamp - switch switch - lamp", r"^d:3: type 'lamp' is its own super-type"),
    ],
)
def test_domain_errors_name_file_and_line(old: str, new: str, message: str) -> None:
    assert old in DOMAIN or old == ")))))"
    text = DOMAIN.replace(old, new) if old in DOMAIN else DOMAIN[:-1]
    with pytest.raises(DataError, match=message):
        parse_domain(text, "d")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("(:domain lamps)", "(:domain barman)", r"^p:1: a problem of domain 'barman'; expected domain 'lamps'"),
        ("(wired s a)", "(wired s z)", r"^p:1: unknown object 'z'"),
        ("(:goal (lit a))", "", r"^p:1: the problem has no \(:goal"),
        ("(:goal (lit a))", "(:goal (and))", r"^p:1: the goal is empty"),
        ("(:goal (lit a))", "(:goal (exists (?x) (lit ?x)))", r"^p:1: \(exists \.\.\.\) is not supported"),
        ("(lit a)", "(lit a) (lit b)", r"^p:1: expected one condition in \(:goal"),
    ],
)
def test_problem_errors_name_file_and_line(old: str, new: str, message: str) -> None:
    with pytest.raises(DataError, match=message):
        parse_problem(PROBLEM.replace(old, new), "p", parse_domain(DOMAIN, "d"))


@needs_official
@pytest.mark.parametrize("kind", DOMAINS)
def test_our_domains_mean_what_the_official_ones_mean(kind: str) -> None:
    official = read_domain(str(data_root() / "pddl" / kind / "domain.pddl"))
    ours = builtin_domain(kind)
    for entry in entries():
        if entry.kind == kind:
            worlds = [StripsWorld(d, read_problem(entry.path, d)) for d in (official, ours)]
            assert {meaning(worlds[0], i) for i in range(len(worlds[0].actions))} == {
                meaning(worlds[1], i) for i in range(len(worlds[1].actions))
            }


def meaning(world: StripsWorld, index: int) -> tuple[object, ...]:
    action = world.actions[index]
    masks = (action.needs, action.forbids, action.adds, ~action.keeps)
    return action.name, action.arguments, *(frozenset(world.members(mask)) for mask in masks)
