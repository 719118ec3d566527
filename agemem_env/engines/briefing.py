"""What every engine does alike when it decides what stage 1 tells.

An engine's own ``briefing.py`` knows its world and its words: which facts a task needs, what could be wrong about one
of them, how a statement reads. A generated task tells of its own world and of another one made in the same way, which
could have been asked about just as well, so that nothing but the query tells which statements are needed. The order of
events is here:

1. `mix`: what the task needs, what other tasks would need, and small talk, in random order;
2. `revisions`: which of the useful statements are told wrongly first;
3. `with_corrections`: the wrong version in the place of the right one, and the corrections at the end.

Every function draws from the generator in a fixed order and number, so that a task tells the same in every version.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

USELESS = 4
"""Most statements beside the needed ones where a task's own world is the only one that is told of."""

REVISED = 0.35
"""Probability that a useful statement is told wrongly first, needed or not."""

MOST_REVISED = 4
"""Most statements of a task that are told wrongly first."""

NEAR = 8
"""How far from a task the others are that stage 1 tells of, where a task is expensive to make."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Statement(Generic[T]):
    """Something that stage 1 tells.

    Attributes:
        about: What it says, as a value of the engine.
        gold: Whether stage 3 needs it.
        useful: Whether a query of this kind could need it; always so if it is gold.
        wrong: Whether it is not true and corrected later.
        supersedes: Index of the statement that it corrects; None if it corrects none.
    """

    about: T
    gold: bool
    useful: bool = True
    wrong: bool = False
    supersedes: int | None = None


def mix(gold: Sequence[T], others: Sequence[T], talk: Sequence[T], rng: np.random.Generator) -> list[Statement[T]]:
    """Return all statements in random order.

    Args:
        gold: What the task needs.
        others: What other tasks of its kind would need.
        talk: What no task needs.
        rng: Draws the order.

    >>> told = mix(["a"], ["b"], ["c"], np.random.default_rng(0))
    >>> sorted((s.about, s.gold, s.useful) for s in told)
    [('a', True, True), ('b', False, True), ('c', False, False)]
    """
    statements = [Statement(about, True) for about in gold] + [Statement(about, False) for about in others]
    return shuffled([*statements, *(Statement(about, False, useful=False) for about in talk)], rng)


def revisions(
    statements: Sequence[Statement[T]], revisable: Callable[[T], bool], rng: np.random.Generator
) -> list[int]:
    """Return the indices, in order, of statements that are told wrongly first: each useful one with equal probability.

    The last statement is not among them, so that something comes between a statement and its correction.

    Args:
        statements: What is told.
        revisable: Whether a thing could have been otherwise.
        rng: Draws which.
    """
    drawn = rng.random(len(statements)) < REVISED
    found = [i for i, s in enumerate(statements[:-1]) if drawn[i] and s.useful and revisable(s.about)]
    return sorted(sample(found, MOST_REVISED, rng))


def with_corrections(statements: Sequence[Statement[T]], wrong: Mapping[int, T]) -> list[Statement[T]]:
    """Return statements in order, those with a wrong version in that version, then their corrections.

    Args:
        statements: What is told.
        wrong: Index of a statement -> what is told first in its place.

    >>> for s in with_corrections([Statement("red", True), Statement("blue", False)], {0: "green"}):
    ...     print(s.about, s.gold, s.wrong, s.supersedes)
    green True True None
    blue False False None
    red True False 0
    """
    first = [replace(s, about=wrong.get(i, s.about), wrong=i in wrong) for i, s in enumerate(statements)]
    return first + [replace(statements[i], supersedes=i) for i in sorted(wrong)]


def turn_limit(commands: int, factor: float, extra: int) -> int:
    """Return the turn limit of stage 3 for a task that the informed expert solves with some commands.

    Args:
        commands: Commands of the expert that knows the facts.
        factor: Multiple of them that is allowed.
        extra: Turns on top of it, for memory and to spare.

    >>> turn_limit(5, 1.5, 4)
    12
    """
    return math.ceil(factor * commands) + extra


def difficulty(commands: int, easy: int) -> str:
    """Return how hard a task is that nobody has labelled, by the commands of the expert that knows the facts.

    Args:
        commands: Those commands.
        easy: The most that an easy task takes: about the median of the benchmark's test split.

    >>> difficulty(5, 8), difficulty(9, 8)
    ('easy', 'hard')
    """
    return "easy" if commands <= easy else "hard"


def neighbours(position: int, size: int, count: int) -> list[int]:
    """Return the positions of some other tasks near one in a list of `size`, always the same.

    What is found out about a task then serves its neighbours as well.

    >>> neighbours(0, 1, 1), neighbours(0, 2, 1)
    ([], [1])
    """
    steps = [step for step in range(-NEAR, NEAR + 1) if step % size]
    chosen = np.random.default_rng([NEAR, position]).permutation(len(steps))
    return [(position + steps[int(i)]) % size for i in chosen[:count]]


def one_of(options: Sequence[T], rng: np.random.Generator) -> T:
    """Return one of some options."""
    return options[int(rng.integers(len(options)))]


def sample(items: Sequence[T], count: int, rng: np.random.Generator) -> list[T]:
    """Return up to `count` of some items, in random order."""
    return [items[int(i)] for i in rng.permutation(len(items))[:count]]


def shuffled(items: Sequence[T], rng: np.random.Generator) -> list[T]:
    """Return items in random order."""
    return sample(items, len(items), rng)
