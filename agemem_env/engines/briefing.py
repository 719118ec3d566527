"""What every engine does alike when it decides what stage 1 tells.

An engine's own ``briefing.py`` knows its world and its words: which facts a task needs, what could be wrong about one
of them, how a statement reads. The order of events is here:

1. `choose`: what the task needs and some useless things beside it, in random order;
2. `revisions`: which of them are told wrongly first;
3. `with_corrections`: the wrong version in the place of the right one, and the corrections at the end.

Every function draws from the generator in a fixed order and number, so that a task tells the same in every version.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import numpy as np

USELESS = 4
"""Most useless things that are told."""

REVISED_GOLD, REVISED_USELESS = 0.5, 0.3
"""Probability that one of the needed things, and one of the useless ones, is told wrongly first."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Statement(Generic[T]):
    """Something that stage 1 tells.

    Attributes:
        about: What it says, as a value of the engine.
        gold: Whether stage 3 needs it.
        wrong: Whether it is not true and corrected later.
        supersedes: Index of the statement that it corrects; None if it corrects none.
    """

    about: T
    gold: bool
    wrong: bool = False
    supersedes: int | None = None


def choose(gold: Sequence[T], useless: Sequence[T], rng: np.random.Generator) -> list[Statement[T]]:
    """Return all that is needed and up to `USELESS` useless things, in random order.

    Args:
        gold: What the task needs.
        useless: True things that it does not need.
        rng: Draws which and in which order.

    >>> told = choose(["a", "b"], "uvwxyz", np.random.default_rng(0))
    >>> sorted(s.about for s in told if s.gold), len(told)
    (['a', 'b'], 6)
    """
    some = sample(useless, USELESS, rng)
    return shuffled([*(Statement(about, True) for about in gold), *(Statement(about, False) for about in some)], rng)


def revisions(
    statements: Sequence[Statement[T]], revisable: Callable[[T], bool], rng: np.random.Generator
) -> Iterator[int]:
    """Yield the indices of statements that are told wrongly first: at most a needed one, then at most a useless one.

    The second is drawn when it is asked for: a caller may draw the wrong version of the first before.

    Args:
        statements: What is told.
        revisable: Whether a thing could have been otherwise.
        rng: Draws whether and which.
    """
    for gold, chance in ((True, REVISED_GOLD), (False, REVISED_USELESS)):
        candidates = [i for i, s in enumerate(statements) if s.gold is gold and revisable(s.about)]
        index = revised(candidates, chance, rng)
        if index is not None:
            yield index


def revised(candidates: Sequence[int], chance: float, rng: np.random.Generator) -> int | None:
    """Return one of some indices with a probability in [0, 1], else None; the chance is drawn even if there are none.

    >>> revised([], 1.0, np.random.default_rng(0)), revised([7], 1.0, np.random.default_rng(0))
    (None, 7)
    """
    drawn = rng.random() < chance
    return one_of(candidates, rng) if drawn and candidates else None


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
    first = [Statement(wrong.get(i, s.about), s.gold, wrong=i in wrong) for i, s in enumerate(statements)]
    return first + [Statement(statements[i].about, statements[i].gold, supersedes=i) for i in sorted(wrong)]


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


def one_of(options: Sequence[T], rng: np.random.Generator) -> T:
    """Return one of some options."""
    return options[int(rng.integers(len(options)))]


def sample(items: Sequence[T], count: int, rng: np.random.Generator) -> list[T]:
    """Return up to `count` of some items, in random order."""
    return [items[int(i)] for i in rng.permutation(len(items))[:count]]


def shuffled(items: Sequence[T], rng: np.random.Generator) -> list[T]:
    """Return items in random order."""
    return sample(items, len(items), rng)
