"""What a file says twice is refused with file and line, never dropped."""

from __future__ import annotations

import pytest

from agemem_env.engines.pddl.strips.parser import parse_domain, parse_problem
from agemem_env.errors import DataError

DOMAIN = """(define (domain lamps)
  (:requirements :strips :typing :negative-preconditions :equality)
  (:types lamp switch - thing)
  (:constants main - switch)
  (:predicates (lit ?l - lamp) (wired ?s - switch ?l - lamp))
  (:action press
    :parameters (?s - switch ?l - lamp)
    :precondition (and (wired ?s ?l) (not (= ?s main)))
    :effect (and (lit ?l))))"""

PROBLEM = """(define (problem p)
  (:domain lamps)
  (:objects a b - lamp s - switch)
  (:init (wired s a))
  (:goal (and (lit a))))"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("(:constants", "(:types bulb) (:constants", r"^d:4: a second section ':types'; the first is in line 3"),
        ("(:action", "(:predicates (dim)) (:action", r"^d:6: a second section ':predicates'"),
        ("lamp switch - thing", "lamp - thing lamp - tool", r"^d:3: a second type 'lamp'; the first is in line 3"),
        ("lamp switch - thing", "lamp - thing - tool", r"^d:3: expected a name before '-'"),
        ("lamp switch - thing", "lamp -thing", r"^d:3: '-thing' is not a name; write '- thing' for a type"),
        ("lamp switch - thing", "lamp switch object - thing", r"^d:3: type 'object' is above all others"),
        ("main - switch", "main - switch main - lamp", r"^d:4: a second constant 'main'"),
        ("main - switch", "main - switch - lamp", r"^d:4: expected a name before '-'; a name has one type"),
        ("(lit ?l - lamp)", "(lit ?l - lamp) (lit ?l - lamp)", r"^d:5: a second predicate 'lit'"),
        ("(lit ?l - lamp)", "(lit ?l - lamp) (lit)", r"^d:5: a second predicate 'lit'"),
        ("(lit ?l - lamp)", "(-lit ?l - lamp)", r"^d:5: '-lit' is not a name"),
        ("(lit ?l - lamp)", "(lit ? - lamp)", r"^d:5: '\?' is not a name"),
        ("(lit ?l - lamp)", "(= ?a ?b) (lit ?l)", r"^d:5: '=' is a word of the language"),
        ("(lit ?l - lamp)", "(not ?a) (lit ?l)", r"^d:5: 'not' is a word of the language"),
        ("(:action press", "(:action -press", r"^d:6: '-press' is not a name"),
        (":effect", ":precondition (lit ?l) :effect", r"^d:9: a second :precondition of action 'press'"),
        (":effect", ":effect (not (lit ?l)) :effect", r"^d:9: a second :effect of action 'press'"),
        (":precondition", ":parameters (?x) :precondition", r"^d:8: a second :parameters of action 'press'"),
        ("(wired ?s ?l) (", "(wired ?s ?l) (not (wired ?s ?l)) (", r"^d:8: \(wired \?s \?l\) is true and false in"),
        ("(and (lit ?l))", "(and (lit ?l) (= ?s main))", r"^d:9: an effect cannot state '='"),
        ("(and (lit ?l))", "(and (not (= ?s main)))", r"^d:9: an effect cannot state '='"),
    ],
)
def test_a_domain_says_everything_once(old: str, new: str, message: str) -> None:
    parse_domain(DOMAIN, "d")
    assert DOMAIN.count(old) == 1
    with pytest.raises(DataError, match=message):
        parse_domain(DOMAIN.replace(old, new), "d")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("(:goal (and (lit a)))", "(:goal (lit a)) (:goal (lit b))", r"^p:5: a second section ':goal'"),
        ("(:init (wired s a))", "(:init (wired s a)) (:init (wired s b))", r"^p:4: a second section ':init'"),
        ("(:domain lamps)", "(:domain lamps) (:domain lamps)", r"^p:2: a second section ':domain'"),
        ("a b - lamp", "a b - lamp a - switch", r"^p:3: a second object 'a'; the first is in line 3"),
        ("a b - lamp", "a b - lamp a - lamp", r"^p:3: a second object 'a'"),
        ("a b - lamp", "a b - lamp - switch", r"^p:3: expected a name before '-'"),
        ("a b - lamp", "a b - lamp main - lamp", r"^p:3: object 'main' is a constant of type 'switch', not of"),
        ("a b - lamp", "a b -lamp", r"^p:3: '-lamp' is not a name; write '- lamp' for a type"),
        (
            "(wired s a)",
            "(wired s a)\n(not (wired s a))",
            r"^p:5: \(wired s a\) is true and false in :init; see line 4",
        ),
        ("(wired s a)", "(not (lit b)) (lit b)", r"^p:4: \(lit b\) is true and false in :init"),
        ("(wired s a)", "(= a b) (wired s a)", r"^p:4: a problem cannot state '='"),
        ("(lit a)", "(lit a) (not (lit a))", r"^p:5: \(lit a\) is true and false in :goal"),
        ("(lit a)", "(lit a) (and (lit b) (lit a))", r"^p:5: a second wish for '\(lit a\)'"),
        ("(lit a)", "(lit a) (= a b)", r"^p:5: a problem cannot state '='"),
    ],
)
def test_a_problem_says_everything_once(old: str, new: str, message: str) -> None:
    domain = parse_domain(DOMAIN, "d")
    parse_problem(PROBLEM, "p", domain)
    assert PROBLEM.count(old) == 1
    with pytest.raises(DataError, match=message):
        parse_problem(PROBLEM.replace(old, new), "p", domain)


def test_a_repeated_fact_loses_nothing_and_is_mentioned() -> None:
    domain = parse_domain(DOMAIN, "d")
    text = PROBLEM.replace("(wired s a)", "(wired s a)\n  (wired s a)")
    with pytest.warns(UserWarning, match=r"^p:5: \(wired s a\) is repeated; the first is in line 4"):
        problem = parse_problem(text, "p", domain)
    assert problem.init == (("wired", "s", "a"),)


def test_a_constant_may_be_named_again_with_its_type() -> None:
    domain = parse_domain(DOMAIN, "d")
    again = parse_problem(PROBLEM.replace("a b - lamp", "a b - lamp main - switch"), "p", domain)
    assert again == parse_problem(PROBLEM, "p", domain)


def test_one_statement_may_come_in_two_conditions() -> None:
    text = DOMAIN.replace("(and (lit ?l))", "(and (lit ?l) (not (wired ?s ?l)))")
    assert len(parse_domain(text, "d").actions["press"].effects) == 2
