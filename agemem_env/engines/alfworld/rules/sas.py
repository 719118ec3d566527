"""Reads Fast Downward's translator output (SAS format, version 3), as far as TextWorld's options make it come.

With these options every variable has two values, an atom and its negation. https://www.fast-downward.org/TranslatorOutputFormat
describes the format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from agemem_env.errors import DataError
from agemem_env.text.lines import split_lines

Atom = tuple[str, ...]
"""Predicate and arguments."""

Literal = tuple[int, bool]
"""Number of a variable, and whether its atom holds."""

_NO_PROBLEM = "Atom dummy(val1)\nAtom dummy(val2)\n"
"""What the translator writes when there is nothing to plan."""

_SOLVED = "begin_goal\n1\n0 0\n"

_ATOM = re.compile(r"Atom ([^(]+)\((.*)\)")


class SasEffect(NamedTuple):
    """What an operator makes of a variable, if the condition holds."""

    condition: tuple[Literal, ...]
    literal: Literal


class GroundOperator(NamedTuple):
    """A grounded action: name and arguments, what it needs, what it changes, in order."""

    name: Atom
    condition: tuple[Literal, ...]
    effects: tuple[SasEffect, ...]


@dataclass(frozen=True, slots=True)
class Axiom:
    """A derived variable becomes true when the condition holds."""

    condition: tuple[Literal, ...]
    variable: int


@dataclass(frozen=True, slots=True)
class Sas:
    """A grounded problem.

    Attributes:
        atoms: The atom of each variable.
        layers: Axiom layer of each variable; -1 if it is not derived.
        initial: The variables that are true at the start.
        goal: What has to hold at the end.
        operators: The grounded actions.
        axioms: How derived variables become true.
    """

    atoms: tuple[Atom, ...]
    layers: tuple[int, ...]
    initial: frozenset[int]
    goal: tuple[Literal, ...]
    operators: tuple[GroundOperator, ...]
    axioms: tuple[Axiom, ...]


def read_sas(text: str) -> Sas:
    """Read a grounded problem.

    Raises:
        DataError: If it is something else, or the goal holds from the beginning or can never be reached.
    """
    if _NO_PROBLEM in text:
        raise DataError(f"its goal {'holds from the beginning' if _SOLVED in text else 'can never be reached'}")
    lines = iter(split_lines(text))
    try:
        return _read(lines)
    except (StopIteration, ValueError, IndexError) as error:
        raise DataError(f"the translator's output cannot be read ({type(error).__name__}: {error})") from error


def _read(lines: Iterator[str]) -> Sas:
    """Read a task in the translator's output format, version 3."""
    _expect(lines, "begin_version")
    if next(lines) != "3":
        raise ValueError("not version 3 of the format")
    for line in ("end_version", "begin_metric", None, "end_metric"):
        _expect(lines, line)
    variables = [_variable(lines) for _ in range(int(next(lines)))]
    for _ in range(int(next(lines))):
        while next(lines) != "end_mutex_group":
            pass
    _expect(lines, "begin_state")
    values = [int(next(lines)) for _ in variables]
    for line in ("end_state", "begin_goal"):
        _expect(lines, line)
    goal = _literals(lines)
    _expect(lines, "end_goal")
    operators = tuple(_operator(lines) for _ in range(int(next(lines))))
    axioms = tuple(_axiom(lines) for _ in range(int(next(lines))))
    return Sas(
        atoms=tuple(atom for atom, _ in variables),
        layers=tuple(layer for _, layer in variables),
        initial=frozenset(i for i, value in enumerate(values) if value == 0),
        goal=goal,
        operators=operators,
        axioms=axioms,
    )


def _expect(lines: Iterator[str], wanted: str | None) -> None:
    line = next(lines)
    if wanted is not None and line != wanted:
        raise ValueError(f"{wanted} expected, {line[:40]!r} found")


def _variable(lines: Iterator[str]) -> tuple[Atom, int]:
    _expect(lines, "begin_variable")
    next(lines)
    layer, size = int(next(lines)), int(next(lines))
    positive, negative = next(lines), next(lines)
    match = _ATOM.fullmatch(positive)
    if size != 2 or match is None or negative != f"Negated{positive}":
        raise ValueError(f"a variable is not an atom and its negation: {positive[:80]!r}")
    _expect(lines, "end_variable")
    arguments = match[2].split(", ") if match[2] else []
    return (match[1], *arguments), layer


def _literals(lines: Iterator[str]) -> tuple[Literal, ...]:
    return tuple(_literal(next(lines).split()) for _ in range(int(next(lines))))


def _literal(words: list[str]) -> Literal:
    return int(words[0]), words[1] == "0"


def _operator(lines: Iterator[str]) -> GroundOperator:
    _expect(lines, "begin_operator")
    name = tuple(next(lines).split())
    condition, effects = list(_literals(lines)), []
    for _ in range(int(next(lines))):
        words = next(lines).split()
        end = 1 + 2 * int(words[0])
        variable, before, after = words[end : end + 3]
        if before != "-1":
            condition.append(_literal([variable, before]))
        given = tuple(_literal(words[i : i + 2]) for i in range(1, end, 2))
        effects.append(SasEffect(given, _literal([variable, after])))
    next(lines)
    _expect(lines, "end_operator")
    return GroundOperator(name, tuple(condition), tuple(effects))


def _axiom(lines: Iterator[str]) -> Axiom:
    _expect(lines, "begin_rule")
    condition = _literals(lines)
    variable, before, after = next(lines).split()
    if (before, after) != ("1", "0"):
        raise ValueError("an axiom makes an atom false")
    _expect(lines, "end_rule")
    return Axiom(condition, int(variable))
