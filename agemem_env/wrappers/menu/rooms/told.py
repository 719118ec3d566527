"""What memories say: where things are, and what an earlier attempt found."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

from agemem_env.wrappers.menu.rooms.seen import is_named
from agemem_env.wrappers.menu.words import sentences

_PLACED = re.compile(r"\b(?:the|an?) ([\w -]+?) is (?:now )?((?:in|on|outside)\b.*)")
_AT = re.compile(r"\b(?:in|on) the ([\w -]+?)(?= in the| on the|$)|\b(outside)\b")
_CORRECTS = re.compile(r"\bnow |a second attempt showed that ")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")
_WORD = re.compile(r"[a-z]+")
_SIDES = frozenset({"above", "below", "dominant", "recessive"})
_NEGATION = frozenset({"not", "does", "conduct", "conducts"})
_DEGREE = re.compile(r"\b(?:more|less|longest|shortest|[a-z]+er(?= than))\b")
_MOST = re.compile(r"most|least|[a-z]+est")
_YOUNG = re.compile(r"^(?:baby )+")
_T = TypeVar("_T")


class PlacedThing(NamedTuple):
    """What a memory says of the place of a thing.

    Attributes:
        thing: The thing.
        inside: What it is in or on, the innermost first; without the room.
        room: The room.
    """

    thing: str
    inside: tuple[str, ...]
    room: str


@lru_cache(1 << 14)
def placed(sentence: str) -> PlacedThing | None:
    """Return what a sentence in lower case says of the place of a thing; None if it says nothing of it.

    >>> placed("in the corby laboratory, the metal pot is now in the cupboard in the kitchen.")
    PlacedThing(thing='metal pot', inside=('cupboard',), room='kitchen')
    """
    match = _PLACED.search(sentence.rstrip("."))
    places = [inner or outer for inner, outer in _AT.findall(match[2])] if match else []
    return PlacedThing(match[1], tuple(places[:-1]), places[-1]) if match and places else None


def told_by(memories: Sequence[str]) -> tuple[tuple[PlacedThing, ...], tuple[str, ...]]:
    """Return what memories say of places, and the sentences that say something else; what was corrected is left out."""
    said = [part.lower() for text in memories for part in sentences(text)]
    places = _current([(one.thing, one, text) for text in said if (one := placed(text))])
    return places, _current([(_topic(text), _statement(text), text) for text in said if not placed(text)])


def _current(said: Sequence[tuple[Hashable, _T, str]]) -> tuple[_T, ...]:
    """Return what is said of each topic: only what corrects it where that is said, too."""
    newer = {topic for topic, _, text in said if _CORRECTS.search(text)}
    return tuple(dict.fromkeys(one for topic, one, text in said if topic not in newer or _CORRECTS.search(text)))


def _statement(text: str) -> str:
    """Return a finding without the place that it begins with."""
    return text.partition("laboratory, ")[2] or text


def _topic(text: str) -> frozenset[str]:
    """Return what a finding is about: its words, but for those in which it and its correction may differ."""
    words = _CORRECTS.sub("", _statement(text)).split()
    return frozenset(word for word in words if not _NUMBER.search(word)) - _SIDES - _NEGATION


def agreement(clause: str, clauses: tuple[str, ...], findings: Sequence[str]) -> str:
    """Return whether a condition of the goal is met by what was found.

    Args:
        clause: The condition, a sentence of the goal.
        clauses: All of them.
        findings: What was found.

    Returns:
        ``+`` or ``-``; nothing if it is no condition, or the findings do not say.

    >>> clauses = "if x is above 10.0 degrees, take the red box.", "if x is below 10.0 degrees, take the blue box."
    >>> agreement(clauses[1], clauses, ["the melting point of the x is -4 degrees celsius."])
    '+'
    """
    if not clause.startswith("if "):
        return ""
    for text in findings:
        words = frozenset(_WORD.findall(text))
        limit, value = _NUMBER.search(clause), _NUMBER.search(text)
        if words & _SIDES:
            return "+" if words & _SIDES & _distinct(clause, clauses) else "-"
        if limit and value and "point" in words:
            return "+" if ("above" if float(value[0]) > float(limit[0]) else "below") in clause else "-"
        if words & _NEGATION and "conductive" in clause:
            return "+" if ("not" in words) == ("nonconductive" in clause) else "-"
    return ""


@lru_cache(1 << 12)
def _distinct(clause: str, clauses: tuple[str, ...]) -> frozenset[str]:
    """Return the words of a condition that the other conditions do not have."""
    others = {word for other in clauses if other != clause and other.startswith("if ") for word in _WORD.findall(other)}
    return frozenset(_WORD.findall(clause)) - others


def compared(thing: str, clauses: Sequence[str], findings: Sequence[str]) -> str:
    """Return how a finding compares a thing with others, and what the goal asks for; empty if no finding names it.

    >>> compared("plane f", ["focus on the shallowest."], ["plane f is shallower than plane b."])
    'first shallower? shallowest'
    """
    for text in findings:
        name = _YOUNG.sub("", thing)
        found = _DEGREE.findall(text)
        if found and is_named(name, text):
            place = "first" if text.index(name) < len(text) / 2 else "second"
            asked = [word for clause in clauses for word in _WORD.findall(clause) if _MOST.fullmatch(word)]
            return f"{place} {' '.join(dict.fromkeys(found))}? {' '.join(dict.fromkeys(asked))}"
    return ""
