"""Answers questions from statements, or says what is missing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agemem_env.text.words import content_words
from baselines.reader.patterns import WordingPattern, patterns_of
from baselines.reader.questions import Named, ObjectOf, OneOf, ParsedQuestion, Same, SubjectOf, Thing
from baselines.reader.statements import Statement, normal_name, stands_for
from baselines.reader.world import Relation

_MEASURES = ("centimetres", "metres", "kilometres", "square kilometres", "minutes")
"""Units that belong to an answer."""

UNKNOWN_ANSWER = "unknown"
"""The answer if there is nothing to guess from."""


@dataclass(frozen=True, slots=True)
class MissingFact:
    """Something that no statement tells.

    Attributes:
        name: The thing that it is about.
        wordings: Words in which it may have been told.
    """

    name: str
    wordings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result for one question: an answer, or what is missing for it."""

    answer: str = ""
    missing: tuple[MissingFact, ...] = ()


class Lookup:
    """Answers questions from statements.

    Args:
        known: What is known; of statements that contradict each other the last correction counts, else the last one.
    """

    def __init__(self, known: Iterable[Statement]) -> None:
        self._statements = tuple(dict.fromkeys(known))
        self._subjects = {normal_name(s.subject) for s in self._statements}

    def answer(self, question: ParsedQuestion) -> Finding:
        """Answer a question as far as the statements go."""
        if isinstance(question, ObjectOf):
            found = self._find_thing(question)
            return found if found.missing else Finding(_without_unit(found.answer, question.relation))
        if isinstance(question, OneOf):
            return self._find_thing(question)
        return self._are_same(question)

    def guess(self, question: ParsedQuestion) -> str:
        """Return an answer of the right kind without knowing it: what is told of something else, else a bare guess."""
        if isinstance(question, Same):
            return "no"
        if isinstance(question, OneOf):
            return question.things[0].names[0]
        forms = patterns_of(question.relation).says
        values = [slots["o"] for s in self._statements for form in forms if "o" in (slots := form.read(s.text) or {})]
        return _without_unit(values[0], question.relation) if values else UNKNOWN_ANSWER

    def most_similar_subject(self, question: str) -> str:
        """Return the subject of the statement that has most words of a question, for one of unknown form."""
        words = set(content_words(question))
        about = [s for s in self._statements if s.subject and s.subject not in question]
        shared = [len(words.intersection(content_words(s.text))) for s in about]
        return about[shared.index(max(shared))].subject if any(shared) else UNKNOWN_ANSWER

    def _find_thing(self, thing: Thing) -> Finding:
        if isinstance(thing, Named):
            known = [name for name in thing.names if normal_name(name) in self._subjects]
            return Finding((known or thing.names)[0])
        if isinstance(thing, SubjectOf):
            return self._find_subject(thing)
        if isinstance(thing, OneOf):
            return self._find_first_or_last(thing)
        subject = self._find_thing(thing.subject)
        return subject if subject.missing else self._find_object(subject.answer, thing.relation)

    def _find_object(self, subject: str, relation: Relation) -> Finding:
        """Return the object of a relation: of the last correction, else of the last statement."""
        found: list[tuple[bool, int, int, str]] = []
        for position, statement in enumerate(self._statements):
            for form in patterns_of(relation).says:
                value = _object_in(form, statement, subject)
                if value:
                    found.append((statement.is_correction, position, form.literal_length, value))
        return Finding(max(found)[-1]) if found else Finding(missing=(_missing_object(subject, relation),))

    def _find_subject(self, thing: SubjectOf) -> Finding:
        found: list[tuple[bool, int, int, str]] = []
        for position, statement in enumerate(self._statements):
            for form in patterns_of(thing.relation).says:
                slots = form.read(statement.text)
                if slots and normal_name(slots.get("o", "")) == normal_name(thing.object):
                    subject = statement.subject or slots.get("s", "")
                    found.append((statement.is_correction, position, form.literal_length, subject))
        if found:
            return Finding(max(found)[-1])
        filled = tuple(_fill_slots(w, "", thing.object) for w in thing.relation.says)
        return Finding(missing=(MissingFact(thing.object, filled),))

    def _find_first_or_last(self, thing: OneOf) -> Finding:
        names, values, missing = self._find_both(thing.things, thing.relation)
        if missing:
            return Finding(missing=missing)
        sizes = [_last_number(value) for value in values]
        return Finding(names[0] if (sizes[0] > sizes[1]) == thing.compare.largest else names[1])

    def _are_same(self, question: Same) -> Finding:
        _, values, missing = self._find_both(question.things, question.relation)
        if missing:
            return Finding(missing=missing)
        return Finding("yes" if normal_name(values[0]) == normal_name(values[1]) else "no")

    def _find_both(
        self, things: Sequence[Named], relation: Relation
    ) -> tuple[list[str], list[str], tuple[MissingFact, ...]]:
        names = [self._find_thing(thing).answer for thing in things]
        found = [self._find_object(name, relation) for name in names]
        return names, [f.answer for f in found], tuple(m for f in found for m in f.missing)


def _object_in(form: WordingPattern, statement: Statement, subject: str) -> str:
    """Return the object if a statement about the subject has this form, else an empty text."""
    slots = form.read(statement.text)
    if not slots or "o" not in slots:
        return ""
    shown = slots.get("s")
    if statement.subject:
        fits = normal_name(statement.subject) == normal_name(subject) and (shown is None or stands_for(shown, subject))
    else:
        fits = shown is not None and normal_name(shown) == normal_name(subject)
    return slots["o"] if fits else ""


def _missing_object(subject: str, relation: Relation) -> MissingFact:
    return MissingFact(subject, tuple(_fill_slots(w, subject, "") for w in relation.says or ("{S} is a",)))


def _fill_slots(wording: str, subject: str, thing: str) -> str:
    text = re.sub(r"\{[sS]\}", subject, wording).replace("{o}", thing)
    return " ".join(re.sub(r"\{[^}]*\}", "", text).split())


def _last_number(value: str) -> int:
    """Return the number by which values are ordered: a year, the year of a date, or an amount."""
    numbers = re.findall(r"\d[\d,]*", value)
    return int(numbers[0 if len(numbers) == 1 else -1].replace(",", "")) if numbers else 0


def _without_unit(value: str, relation: Relation) -> str:
    """Return a value in the form of an answer: a count without what is counted."""
    counted = relation.object == "number" and relation.unit not in _MEASURES
    return value.removesuffix(f" {relation.unit}") if counted else value
