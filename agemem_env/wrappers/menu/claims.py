"""What goal and memories claim of things, and whether observations say that it is so."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from agemem_env.wrappers.menu.blocks import crossed
from agemem_env.wrappers.menu.words import sentences

_REPORT = re.compile(r"(?:The )?([A-Za-z]+\d*) ([a-z]+) (.+)")
_LONGEST = 7
"""Words of a sentence that reports a state, at most."""

_WORD = re.compile(r"[a-z][a-z-]*\d*")

States = dict[tuple[str, str], frozenset[str]]
"""Thing and verb -> the words of the last sentence that began with them."""


class Claim(NamedTuple):
    """What is to be, or what is said to be.

    Attributes:
        source: ``goal``; ``way`` if a memory says it of something that an open part of the goal names; else ``told``.
        relation: The first word of it that names no thing.
        things: The first two things that it names.
        met: Whether the states say so.
    """

    source: str
    relation: str
    things: tuple[str, ...]
    met: bool


def note(states: States, text: str) -> None:
    """Take from an observation what it says of things.

    >>> states: States = {}
    >>> note(states, "B4 stands on b2. The arm is empty.")
    >>> note(states, "The arm holds b4.")
    >>> sorted(states)
    [('arm', 'holds'), ('arm', 'is')]
    """
    for sentence in sentences(text):
        found = _REPORT.fullmatch(sentence.rstrip(".")) if sentence.count(" ") < _LONGEST else None
        if found is None:
            continue
        thing, verb, rest = found[1].lower(), found[2], found[3].lower()
        states[thing, verb] = frozenset(_WORD.findall(f"{thing} {rest}"))
        if verb == "holds":
            for key in [key for key in states if key[0] in rest.split() and len(states[key]) > 1]:
                del states[key]


def claims(goals: Iterable[str], told: Iterable[str], things: Collection[str], states: States) -> tuple[Claim, ...]:
    """Return what goals and memories claim.

    Args:
        goals: Parts of the goal.
        told: Memories.
        things: Words that name things.
        states: What observations said.
    """
    known = frozenset(things)
    wanted = [_claim("goal", part, known, states) for part in goals]
    open_things = {thing for claim in wanted if not claim.met for thing in claim.things}
    said = [_claim("told", text, known, states) for text in told]
    linked = [claim._replace(source="way") if open_things.intersection(claim.things) else claim for claim in said]
    return tuple(claim for claim in (*wanted, *linked) if claim.things)


def _claim(source: str, text: str, things: frozenset[str], states: States) -> Claim:
    words = _words(text)
    named = tuple(word for word in words if word in things)[:2]
    last = words.index(named[0]) if named else 0
    relation = next((word for word in words[last + 1 :] if word not in things), "")
    if len(named) == 2:
        met = any(said.issuperset(named) for said in states.values())
    else:
        met = any(said.issuperset((*named, words[-1])) for said in states.values()) if words else False
    return Claim(source, relation[:5], named, met)


@lru_cache(1 << 14)
def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.lower()))


def claim_crosses(
    verb: str,
    things: Sequence[str],
    around: Sequence[Claim],
    held: Collection[str],
    states: Mapping[tuple[str, str], frozenset[str]],
) -> list[int]:
    """Return the crossed features of a command: its verb with what is claimed of its things, and with their states.

    Args:
        verb: The verb.
        things: What the command names, in order.
        around: The claims.
        held: What is held.
        states: What observations said.
    """
    crosses = []
    for claim in around:
        places = tuple(things.index(thing) if thing in things else -1 for thing in claim.things)
        if max(places) < 0:
            continue
        has = any(thing in held for thing in claim.things)
        crosses.append(crossed("claim", verb, claim.source, claim.relation, claim.met, places, has))
        crosses.append(crossed("claims", verb, claim.source, claim.met, places))
    for place, thing in enumerate(things):
        for (name, does), said in states.items():
            if name == thing:
                rest = "+".join(sorted(word for word in said if word != thing and not word[-1].isdigit()))
                crosses.append(crossed("state", verb, place, does, rest))
    return crosses
