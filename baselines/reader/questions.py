"""Reads a question as what it asks for: a tree of lookups whose leaves are names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from baselines.reader.patterns import mention_patterns, patterns_of
from baselines.reader.world import RELATIONS, Compare, Relation, kinds_of


@dataclass(frozen=True, slots=True)
class Named:
    """A thing by its name; the name that the words most probably hold comes first."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """What stands in a relation to a subject: "the director of the film Salt Harbour"."""

    relation: Relation
    subject: Thing


@dataclass(frozen=True, slots=True)
class SubjectOf:
    """What has an object in a relation: "the film directed by Ida Brekke"."""

    relation: Relation
    object: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """That one of two things which comes first or last in a relation that has an order."""

    relation: Relation
    compare: Compare
    things: tuple[Named, Named]


@dataclass(frozen=True, slots=True)
class Same:
    """Whether two things have the same object in a relation."""

    relation: Relation
    things: tuple[Named, Named]


Thing = Named | ObjectOf | SubjectOf | OneOf
ParsedQuestion = ObjectOf | OneOf | Same


def read_question(text: str) -> list[ParsedQuestion]:
    """Return every reading of a question, those that speak of described things first; none if it has another form.

    >>> [r.relation.name for r in read_question("Who directed the film Salt Harbour?")]
    ['director']
    """
    found: list[ParsedQuestion] = []
    for relation in RELATIONS:
        table = patterns_of(relation)
        for ask in table.asks:
            slots = ask.read(text)
            if slots:
                found += [ObjectOf(relation, thing) for thing in _read_things(slots["s"], relation.subject)]
        for both in table.both:
            slots = both.read(text)
            if slots:
                found.append(Same(relation, _read_pair(slots, relation)))
        for compare, ask, _ in table.compares:
            slots = ask.read(text)
            if slots:
                found.append(OneOf(relation, compare, _read_pair(slots, relation)))
    return sorted(found, key=is_plain_name)


def is_plain_name(question: ParsedQuestion) -> bool:
    """Return whether a reading takes all words that describe a thing for its name."""
    return isinstance(question, ObjectOf) and isinstance(question.subject, Named)


def _read_things(text: str, kind: str) -> Iterator[Thing]:
    """Yield what words for a thing of a kind may stand for."""
    wanted = set(kinds_of(kind))
    for relation in RELATIONS:
        table = patterns_of(relation)
        if relation.object in wanted:
            for of in table.of:
                slots = of.read(text)
                if slots:
                    yield from (ObjectOf(relation, thing) for thing in _read_things(slots["s"], relation.subject))
        if wanted.intersection(kinds_of(relation.subject)):
            for by in table.by:
                slots = by.read(text)
                if slots:
                    yield SubjectOf(relation, slots["o"])
            for compare, _, pick in table.compares:
                slots = pick.read(text)
                if slots:
                    yield OneOf(relation, compare, _read_pair(slots, relation))
    yield _read_name(text, kind)


def _read_name(text: str, kind: str) -> Named:
    names = [slots["n"] for mention in mention_patterns(kind) if (slots := mention.read(text))]
    return Named(tuple(dict.fromkeys([*names, text])))


def _read_pair(slots: dict[str, str], relation: Relation) -> tuple[Named, Named]:
    return _read_name(slots["a"], relation.subject), _read_name(slots["b"], relation.subject)
