"""Laboratory notes: what stage 1 tells of a variation, and what stage 2 tells of other laboratories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agemem_env.engines.briefing import Statement, choose, one_of, revisions, with_corrections
from agemem_env.engines.sciworld.families import Finding
from agemem_env.engines.sciworld.house import DOORS, LabThing
from agemem_env.engines.sciworld.study import SciWorldStudy
from agemem_env.types import Fact

_PREFIXES = ("Ald", "Bram", "Cor", "Dray", "Ever", "Fal", "Gran", "Hols", "Kes", "Lind", "Mar", "Nor", "Pem", "Sel")
_SUFFIXES = ("bury", "combe", "den", "ford", "gate", "hurst", "leigh", "mere", "stow", "thorpe", "wick", "worth", "by")

LABORATORIES = len(_PREFIXES) * len(_SUFFIXES)
"""Number of different names."""


def laboratory(number: int) -> str:
    """Return the name of a laboratory; numbers below `LABORATORIES` have different names.

    >>> laboratory(0), laboratory(15)
    ('Aldbury', 'Bramcombe')
    """
    first, last = number % len(_PREFIXES), number // len(_PREFIXES)
    return _PREFIXES[first] + _SUFFIXES[last % len(_SUFFIXES)]


@dataclass(frozen=True, slots=True)
class Note:
    """A fact and what it is about.

    Attributes:
        fact: The statement.
        about: A thing, if it says where that is; what an attempt found out; None if it is wrong.
    """

    fact: Fact
    about: LabThing | Finding | None


def notes(found: SciWorldStudy, lab: str, rng: np.random.Generator) -> list[Note]:
    """Return the notes on a variation: all in random order, some of them wrong at first, then the corrections.

    If the task says all that is needed, what it says first is still a note.
    """
    needed = [thing for needs in found.plan.needs for thing in needs]
    gold: list[LabThing | Finding] = [*found.told, *found.findings] or [*needed[:1]]
    told = choose(gold, _useless(found), rng)
    wrong = {i: _mistake(told[i].about, found.stock, rng) for i in revisions(told, _revisable, rng)}
    return [_note(each, lab, found.stock) for each in with_corrections(told, wrong)]


def _note(told: Statement[LabThing | Finding], lab: str, stock: Sequence[LabThing]) -> Note:
    text = statement(told.about, lab, stock, corrected=told.supersedes is not None)
    return Note(Fact(text, told.gold, told.supersedes), None if told.wrong else told.about)


def statement(about: LabThing | Finding, lab: str, stock: Sequence[LabThing], *, corrected: bool = False) -> str:
    """Return a note about a thing's place or a finding.

    >>> thing = LabThing("thermometer", "kitchen", (), (), False, True)
    >>> statement(thing, "Aldbury", [thing], corrected=True)
    'In the Aldbury laboratory, the thermometer is now in the kitchen.'
    """
    if isinstance(about, Finding):
        again = "a second attempt showed that " if corrected else ""
        return f"In the {lab} laboratory, {again}{about.text}."
    several = sum(thing.name == about.name for thing in stock) > 1
    article = ("an" if about.name[0] in "aeiou" else "a") if several else "the"
    return f"In the {lab} laboratory, {article} {about.words} is{' now' if corrected else ''} {about.where}."


def distractors(found: SciWorldStudy, number: int, rng: np.random.Generator) -> Iterator[str]:
    """Yield notes of two other laboratories."""
    movable = [thing for thing in found.stock if thing.movable and not thing.alive]
    for shift in (1, 2):
        lab = laboratory((number + shift * 47) % LABORATORIES)
        for index in rng.permutation(len(movable))[:2]:
            elsewhere = _moved(movable[index], list(DOORS), rng)
            yield statement(elsewhere, lab, [elsewhere])
        for finding in found.findings[:1]:
            yield statement(Finding(finding.wrong if shift == 1 else finding.text, ""), lab, ())


def _useless(found: SciWorldStudy) -> list[LabThing]:
    """Return the things that the plan does not name, one of each name."""
    named = {thing.name for needs in found.plan.needs for thing in needs}
    named |= {thing.name for thing in found.told} | {name for thing in found.told for name in thing.inside}
    others = {thing.name: thing for thing in found.stock if thing.name not in named and not thing.alive}
    return list(others.values())


def _revisable(about: LabThing | Finding) -> bool:
    return isinstance(about, Finding) or (about.movable and not about.alive)


def _mistake(about: LabThing | Finding, stock: Sequence[LabThing], rng: np.random.Generator) -> LabThing | Finding:
    """Return something wrong in place of a thing's place or a finding."""
    if isinstance(about, Finding):
        return Finding(about.wrong, about.text)
    taken = {thing.room for thing in stock if thing.name == about.name}
    return _moved(about, [room for room in DOORS if room not in taken], rng)


def _moved(thing: LabThing, rooms: Sequence[str], rng: np.random.Generator) -> LabThing:
    return replace(thing, room=one_of(rooms, rng), inside=(), closed=())
