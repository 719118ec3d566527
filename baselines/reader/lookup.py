"""Answers questions from statements, or says what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agemem_env.engines.hotpotqa.world.schema import Relation
from agemem_env.text.words import content_words
from baselines.reader.patterns import Form, wordings
from baselines.reader.questions import Named, ObjectOf, OneOf, Question, Same, SubjectOf, Thing
from baselines.reader.statements import Statement, bare, is_about

_MEASURES = ("centimetres", "metres", "kilometres", "square kilometres", "minutes")
"""Units that belong to an answer."""

UNKNOWN = "unknown"
"""The answer if there is nothing to guess from."""


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that no statement tells.

    Attributes:
        name: The thing that it is about.
        wordings: Words in which it may have been told.
    """

    name: str
    wordings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a question: an answer, or what is missing for it."""

    answer: str = ""
    missing: tuple[Missing, ...] = ()


class Lookup:
    """Looks things up in statements.

    Args:
        told: What is known; of statements that contradict each other the last correction counts, else the last one.
    """

    def __init__(self, told: Iterable[Statement]) -> None:
        self._told = tuple(dict.fromkeys(told))
        self._subjects = {bare(s.subject) for s in self._told}

    def answer(self, question: Question) -> Finding:
        """Answer a question as far as the statements go."""
        if isinstance(question, ObjectOf):
            found = self._resolve(question)
            return found if found.missing else Finding(_short(found.answer, question.relation))
        if isinstance(question, OneOf):
            return self._resolve(question)
        return self._same(question)

    def guess(self, question: Question) -> str:
        """Return an answer of the right kind without knowing it: what is told of something else, else a bare guess."""
        if isinstance(question, Same):
            return "no"
        if isinstance(question, OneOf):
            return question.things[0].names[0]
        forms = wordings(question.relation).says
        values = [slots["o"] for s in self._told for form in forms if "o" in (slots := form.read(s.text) or {})]
        return _short(values[0], question.relation) if values else UNKNOWN

    def closest(self, question: str) -> str:
        """Return the subject of the statement that has most words of a question, for one of unknown form."""
        words = set(content_words(question))
        about = [s for s in self._told if s.subject and s.subject not in question]
        shared = [len(words.intersection(content_words(s.text))) for s in about]
        return about[shared.index(max(shared))].subject if any(shared) else UNKNOWN

    def _resolve(self, thing: Thing) -> Finding:
        if isinstance(thing, Named):
            known = [name for name in thing.names if bare(name) in self._subjects]
            return Finding((known or thing.names)[0])
        if isinstance(thing, SubjectOf):
            return self._subject(thing)
        if isinstance(thing, OneOf):
            return self._compare(thing)
        subject = self._resolve(thing.subject)
        return subject if subject.missing else self._object(subject.answer, thing.relation)

    def _object(self, subject: str, relation: Relation) -> Finding:
        """Return the object of a relation: of the last correction, else of the last statement."""
        found: list[tuple[bool, int, int, str]] = []
        for position, statement in enumerate(self._told):
            for form in wordings(relation).says:
                value = _read(form, statement, subject)
                if value:
                    found.append((statement.corrects, position, form.literal, value))
        return Finding(max(found)[-1]) if found else Finding(missing=(_told_of(subject, relation),))

    def _subject(self, thing: SubjectOf) -> Finding:
        found: list[tuple[bool, int, int, str]] = []
        for position, statement in enumerate(self._told):
            for form in wordings(thing.relation).says:
                slots = form.read(statement.text)
                if slots and bare(slots.get("o", "")) == bare(thing.object):
                    subject = statement.subject or slots.get("s", "")
                    found.append((statement.corrects, position, form.literal, subject))
        if found:
            return Finding(max(found)[-1])
        filled = tuple(_fill(w, "", thing.object) for w in thing.relation.says)
        return Finding(missing=(Missing(thing.object, filled),))

    def _compare(self, thing: OneOf) -> Finding:
        names, values, missing = self._both(thing.things, thing.relation)
        if missing:
            return Finding(missing=missing)
        sizes = [_size(value) for value in values]
        return Finding(names[0] if (sizes[0] > sizes[1]) == thing.compare.largest else names[1])

    def _same(self, question: Same) -> Finding:
        _, values, missing = self._both(question.things, question.relation)
        if missing:
            return Finding(missing=missing)
        return Finding("yes" if bare(values[0]) == bare(values[1]) else "no")

    def _both(self, things: Sequence[Named], relation: Relation) -> tuple[list[str], list[str], tuple[Missing, ...]]:
        names = [self._resolve(thing).answer for thing in things]
        found = [self._object(name, relation) for name in names]
        return names, [f.answer for f in found], tuple(m for f in found for m in f.missing)


def _read(form: Form, statement: Statement, subject: str) -> str:
    """Return the object if a statement about the subject has this form, else an empty text."""
    slots = form.read(statement.text)
    if not slots or "o" not in slots:
        return ""
    shown = slots.get("s")
    if statement.subject:
        fits = bare(statement.subject) == bare(subject) and (shown is None or is_about(shown, subject))
    else:
        fits = shown is not None and bare(shown) == bare(subject)
    return slots["o"] if fits else ""


def _told_of(subject: str, relation: Relation) -> Missing:
    return Missing(subject, tuple(_fill(w, subject, "") for w in relation.says or ("{S} is a",)))


def _fill(wording: str, subject: str, thing: str) -> str:
    text = re.sub(r"\{[sS]\}", subject, wording).replace("{o}", thing)
    return " ".join(re.sub(r"\{[^}]*\}", "", text).split())


def _size(value: str) -> int:
    """Return the number by which values are ordered: a year, the year of a date, or an amount."""
    numbers = re.findall(r"\d[\d,]*", value)
    return int(numbers[0 if len(numbers) == 1 else -1].replace(",", "")) if numbers else 0


def _short(value: str, relation: Relation) -> str:
    """Return a value in the form of an answer: a count without what is counted."""
    counted = relation.object == "number" and relation.unit not in _MEASURES
    return value.removesuffix(f" {relation.unit}") if counted else value
