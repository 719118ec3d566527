"""What the tables of the world consist of: kinds of things, and relations between them.

Wordings are text with slots:

    {S} {s}      the subject: at the start of a sentence (its name or a pronoun), elsewhere (its name)
    {o}          the object
    {he} {his} {him} {He} {His}   pronouns of the subject
    {is}         "is", or "was" for persons and things of the past
    {nation} {country} {noun}     the subject's country and what it is called
    {sib} {spo} {par}             brother or sister, husband or wife, father or mother: said of the object
    {sub_sib} {sub_spo} {sub_par}   the same, said of the subject
    {#3-9}       a number
    {<relation>} the object of another relation of the subject

"a" becomes "an" where the next word wants it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of thing that has a paragraph.

    Attributes:
        name: Key in the table of kinds.
        noun: What it is called ("film").
        names: Patterns of its name; ``~`` marks a name that takes "the".
        eras: First and last year in which such a thing begins, if nothing else decides.
        intros: First sentences.
        colour: Sentences that state no relation.
        mentions: How a question names it; ``{n}`` is the name, ``{t}`` the name with its article.
        person: Whether it is a person.
        she: Whether it is called "she" without being a person.
        past: Things that began before this year are spoken of in the past tense.
    """

    name: str
    noun: str
    names: tuple[str, ...]
    eras: tuple[int, int]
    intros: tuple[str, ...]
    colour: tuple[str, ...]
    mentions: tuple[str, ...] = ("{t}",)
    person: bool = False
    she: bool = False
    past: int = 0


@dataclass(frozen=True)
class Compare:
    """How two things are compared by the value of a relation.

    Attributes:
        largest: Whether the thing with the larger value is meant.
        ask: Question for it, about ``{a}`` and ``{b}``.
        pick: Noun phrase for it.
    """

    largest: bool
    ask: str
    pick: str


@dataclass(frozen=True)
class Relation:
    """What can be said and asked about a kind of thing.

    Attributes:
        name: Unique among the relations of the subject's kind.
        subject: Kind of the subject; ``anyone`` stands for every kind of person.
        object: Kind of the object, or of value: ``year``, ``date``, ``number``, ``country``, ``nation``,
            ``role``, or a list of `VALUE_WORDS`.
        says: Sentences that state it; empty if the intros do.
        asks: Questions for the object.
        of: Noun phrases for the object, given the subject.
        by: Noun phrases for the subject, given the object.
        lag: Years from the beginning of the subject to that of the object, or to the value if it is a year;
            None if unrelated.
        span: Range of a number.
        unit: What a number counts.
        inverse: Relation of the object that points back here.
        topic: Relations with the same topic tell the same thing.
        kin: Whether the object has the subject's surname.
        couple: Whether subject and object are wife and husband.
        local: Whether the object is in the subject's country.
        until: Last beginning of a subject of which this can be said.
        compare: Comparisons by the value.
        both: Yes/no question on whether ``{a}`` and ``{b}`` have the same object.
    """

    name: str
    subject: str
    object: str
    says: tuple[str, ...]
    asks: tuple[str, ...] = ()
    of: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    lag: tuple[int, int] | None = None
    span: tuple[int, int] = (0, 0)
    unit: str = ""
    inverse: str = ""
    topic: str = ""
    kin: bool = False
    couple: bool = False
    local: bool = False
    until: int = 9999
    compare: tuple[Compare, ...] = ()
    both: str = ""
