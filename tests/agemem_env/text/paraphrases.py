"""Facts in other words: hand-written templates that change order, voice and synonyms, by form of the fact."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.agemem_env.text.hotpot_paraphrases import HOTPOT

TEMPLATES: tuple[tuple[str, tuple[str, ...]], ...] = (
    # ALFWorld
    (
        r"(?:In )?(?P<who>\w+)(?:'s (?P<room>[\w ]+?),| keeps| left| put| moved) (?P<thing>\w+ \d+)(?: is| lies)? "
        r"(?:in the (?P<room3>[\w ]+?): it is )?(?P<spot>(?:in|on) \w+ \d+)(?: in the (?P<room2>[\w ]+?))?"
        r"(?: now| after all)?\.",
        (
            "{who}'s {room}: {thing} {spot}",
            "{thing} can be found {spot} in {who}'s {room}.",
            "{thing} -> {spot} ({room} of {who})",
            "There is {thing} {spot} in the {room} of {who}.",
            "Now {who} has {thing} {spot} in the {room}.",
            "- {spot}, {room} of {who}: {thing}",
            "{who} stores {thing} {spot}, {room}",
        ),
    ),
    # BabyAI
    (
        r"In the house (?P<house>\w+), (?P<what>(?:the|a) [\w ]+?) joins (?P<a>the [\w-]+ room) and (?P<b>the [\w-]+ room), "
        r"on square (?P<square>\w+)\.",
        (
            "House {house}: {what} on {square} connects {b} with {a}.",
            "In {house} there is {what} between {a} and {b} (square {square}).",
            "{a} and {b} of {house} are joined by {what} on square {square}.",
            "{house}: {square} is {what}, which links {a} and {b}",
        ),
    ),
    (
        r"In the house (?P<house>\w+), (?P<what>(?:the|a) [\w ]+?) is(?: now)? in (?P<a>the [\w-]+ room), on square "
        r"(?P<square>\w+)\.",
        (
            "{what} lies on square {square} of {a} in {house}.",
            "House {house}, {a}: {what} at {square}",
            "On {square}, in {a} of {house}, there is {what}.",
            "{house}: {what}, {a}, {square}",
        ),
    ),
    # PDDL
    (
        r"At (?P<place>\w+), (?P<a>\w+) (?:lies|is kept) in (?P<b>\w+)(?: now)?\.",
        ("{place}: {a} in {b}", "{a} can be found in {b} at {place}.", "In {b} at {place} there is {a}.",
         "The {b} of {place} holds {a}."),
    ),
    (
        r"At (?P<place>\w+), (?P<a>\w+) belongs on (?P<b>b\w+)(?: now)?\.",
        ("{place}: {a} should be on {b}", "At {place}, {a} is meant to stand on {b}.", "On {b} at {place}, {a} is wanted."),
    ),
    (
        r"At (?P<place>\w+), (?P<a>\w+) stands on (?P<b>b\w+)(?: now)?\.",
        ("{place}: {a} is on top of {b}", "On {b} at {place} there is {a}.", "At {place}, {a} sits on {b}."),
    ),
    (
        r"At (?P<place>\w+), (?P<a>\w+) starts with (?P<b>\w+)(?: now)?\.",
        ("{place}: {a} begins with {b}", "To make {a} at {place}, start with {b}.", "{b} is the start of {a} at {place}."),
    ),
    (
        r"At (?P<place>\w+), (?P<a>\w+) ends with (?P<b>\w+)(?: now)?\.",
        ("{place}: {a} finishes with {b}", "At {place}, the end of {a} is {b}.", "{a} ends with {b} (at {place})."),
    ),
    (
        r"At (?P<place>\w+), (?P<a>dispenser\d+) pours (?P<b>\w+)(?: now)?\.",
        ("{place}: {a} dispenses {b}", "{b} comes from {a} at {place}.", "At {place}, {b} is poured by {a}.",
         "{a} at {place} has {b}, which it pours."),
    ),
    (
        r"At (?P<place>\w+), (?P<a>\w+) is (?P<how>closed|open|locked|unlocked|tight on \w+|loose on \w+)(?: now)?\.",
        ("{place}: {a} {how}", "{a} is {how} at {place}."),
    ),
    # SciWorld
    (
        r"In the (?P<lab>\w+) laboratory, (?P<what>(?:the|an?) [\w ]+?) is(?: now)? (?P<where>(?:in|on) the [\w ]+)\.",
        (
            "{lab} lab: {what} {where}",
            "{what} of the {lab} laboratory can be found {where}.",
            "{where} of the {lab} laboratory there is {what}.",
            "At {lab}, {what} is located {where}.",
        ),
    ),
    (
        r"In the (?P<lab>\w+) laboratory, (?P<what>(?:the|an?) [\w ]+?) is(?: now)? outside\.",
        ("{lab} lab: {what} is outdoors", "Outside the {lab} laboratory there is {what}."),
    ),
    (
        r"In the (?P<lab>\w+) laboratory, (?:a second attempt showed that )?the (?P<a>[\w ]+) surface has more friction "
        r"than the (?P<b>[\w ]+) surface\.",
        ("{lab} lab: the {a} surface has greater friction than the {b} surface.",
         "At {lab}, more friction is on the {a} surface than on the {b} surface."),
    ),
    (
        r"In the (?P<lab>\w+) laboratory, (?:a second attempt showed that )?the (?P<what>[\w ]+) (?P<how>conducts|does "
        r"not conduct) electricity\.",
        ("{lab} lab: {what} {how} electricity", "At {lab} electricity: {what} {how} electricity."),
    ),
    (
        r"In the (?P<lab>\w+) laboratory, (?:a second attempt showed that )?the melting point of (?P<what>[\w ]+) is "
        r"(?P<value>-?[\d.]+) degrees celsius\.",
        ("{lab} lab: melting point of {what}: {value} degrees celsius", "At {lab}, {what} has its melting point at {value} "
         "degrees celsius.",),
    ),
)  # fmt: skip


def paraphrases(fact: str) -> Iterator[str]:
    """Yield a fact in other words; nothing if no template fits."""
    for pattern, forms in (*TEMPLATES, *HOTPOT):
        found = re.fullmatch(pattern, fact)
        if found is None:
            continue
        values = {name: value or "" for name, value in found.groupdict().items()}
        values["room"] = values.get("room") or values.get("room2") or values.get("room3") or ""
        for form in forms:
            text = form.format(**values)
            yield text[0].upper() + text[1:] if text[0].islower() and text.endswith(".") else text
        return
