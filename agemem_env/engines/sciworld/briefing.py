"""Laboratory notes: what stage 1 tells of a variation, and what stage 2 tells of other laboratories."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agemem_env.engines.briefing import Statement, mix, one_of, revisions, with_corrections
from agemem_env.engines.sciworld.families import Finding
from agemem_env.engines.sciworld.house import DOORS, LabThing
from agemem_env.engines.sciworld.study.study import SciWorldStudy
from agemem_env.engines.smalltalk import essentials_of_remark, remarks
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
        about: A thing, if it says where that is; what an attempt found out; None if it is wrong, small talk, or about
            another laboratory.
    """

    fact: Fact
    about: LabThing | Finding | None


@dataclass(frozen=True)
class ToldLab:
    """A laboratory and what is known of its variation."""

    name: str
    found: SciWorldStudy

    @property
    def gold(self) -> list[_Known]:
        """What a task there needs; if the task says all of that, the first of it."""
        needed = [thing for needs in self.found.plan.needs for thing in needs]
        about: list[LabThing | Finding] = [*self.found.told, *self.found.findings] or [*needed[:1]]
        return [_Known(self, each) for each in about]


@dataclass(frozen=True, slots=True)
class _Known:
    """A thing's place or a finding, in a laboratory."""

    lab: ToldLab
    about: LabThing | Finding


def notes(own: ToldLab, others: Sequence[ToldLab], rng: np.random.Generator) -> list[Note]:
    """Return the notes on a variation: all in random order, some of them wrong at first, then the corrections.

    What tasks in other laboratories need is noted as well, in the same words, with some small talk.
    """
    beside = [known for lab in others for known in lab.gold]
    names = [f"In the {lab.name} laboratory" for lab in (own, *others)]
    talk = remarks(names, len(own.gold) + len(beside), rng)
    told: list[Statement[_Known | str]] = mix([*own.gold], [*beside], [*talk], rng)
    wrong = {i: _mistake(told[i].about, rng) for i in revisions(told, _revisable, rng)}
    return [_note(each, own) for each in with_corrections(told, wrong)]


def _note(told: Statement[_Known | str], own: ToldLab) -> Note:
    known = told.about
    if isinstance(known, str):
        return Note(Fact(known, essentials=essentials_of_remark(known)), None)
    about, lab = known.about, known.lab
    text = statement(about, lab.name, lab.found.stock, corrected=told.supersedes is not None)
    fact = Fact(text, told.gold, told.supersedes, told.useful, (lab.name, *about.essentials))
    return Note(fact, None if told.wrong or known.lab is not own else known.about)


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


def distractors(labs: Sequence[ToldLab], number: int, rng: np.random.Generator) -> Iterator[str]:
    """Yield notes of two further laboratories, as likely about the things of one variation as of another.

    Args:
        labs: The laboratories of stage 1.
        number: Number of the first of them.
        rng: Draws what is told.
    """
    for shift in (1, 2):
        name = laboratory((number + shift * 47) % LABORATORIES)
        found = one_of(labs, rng).found
        movable = [thing for thing in found.stock if thing.movable and not thing.alive]
        for index in rng.permutation(len(movable))[:2]:
            elsewhere = _moved(movable[index], list(DOORS), rng)
            yield statement(elsewhere, name, [elsewhere])
        for finding in found.findings[:1]:
            yield statement(Finding(finding.wrong if shift == 1 else finding.text, ""), name, ())


def _revisable(known: _Known | str) -> bool:
    if isinstance(known, str):
        return False
    return isinstance(known.about, Finding) or (known.about.movable and not known.about.alive)


def _mistake(known: _Known | str, rng: np.random.Generator) -> _Known | str:
    """Return something wrong in place of a thing's place or a finding."""
    assert isinstance(known, _Known)
    about, lab = known.about, known.lab
    if isinstance(about, Finding):
        return _Known(lab, Finding(about.wrong, about.text))
    taken = {thing.room for thing in lab.found.stock if thing.name == about.name}
    return _Known(lab, _moved(about, [room for room in DOORS if room not in taken], rng))


def _moved(thing: LabThing, rooms: Sequence[str], rng: np.random.Generator) -> LabThing:
    return replace(thing, room=one_of(rooms, rng), inside=(), closed=())
