"""What texts of the laboratory mention: things, vessels with their contents, where the agent is, what it has taken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agemem_env.engines.sciworld.house import DOORS
from agemem_env.text.words import word_set

_WORDS = r"[A-Za-z][\w-]*(?: [\w-]+){0,3}?"
_STOP = (
    r"(?=,|\.|:|;| ?\(|\)|\n|$| (?:is|are|was|has|have|had|in|on|at|that|which|to|and|or|with|around|lives?|from|now|"
    r"outside|located|temperature|you|conducts?|does|grows?|titled|then|into|above|below|surface|For|If|by|using|so)\b)"
)
_NAMED = re.compile(rf"(?:^|\b)(?:[Tt]he|[Aa]n?|a\(n\)|substance called|called) ({_WORDS}){_STOP}")
_WANTED = re.compile(
    rf"\b(?:boil|melt|freeze|grow|if|create|of|on|temperature of|point of) (?:the |an? )?({_WORDS}){_STOP}"
)
_UNKNOWN = re.compile(r"(?:solid |liquid )?unknown substance [A-Z]\b")
_ROOM = re.compile(r"(?:You move to the|This room is called the|This outside location is called the) ([a-z ]+)\.")
_MOVED = re.compile(r"^You move the (.+?) to the (.+?)\.", re.MULTILINE)
_HOLDING = re.compile(
    rf"\b([a-z]+ (?:cup|jar|pot)|flower pot \d+|jug|bowl) \(containing ((?:a substance called )?{_WORDS}){_STOP}"
)
_NOTHING = word_set(
    """
    agent thing task substance room floor door inventory number trait plant animal experiment laboratory air
    ground drain toilet
    """
) | {"state of matter", "life span", "inclined plane", "longest life span", "shortest life span", *DOORS}


@dataclass(frozen=True)
class MentionedPlace:
    """Where the agent is, as far as it was shown.

    Attributes:
        room: The room; empty if it was never shown.
        last: What was shown last.
        things: Things mentioned in the room, on every visit.
        text_here: Everything shown in the room.
        text: Everything shown.
        taken: What was taken and not put anywhere, the last first.
    """

    room: str
    last: str
    things: tuple[str, ...]
    text_here: str
    text: str
    taken: tuple[str, ...]


@lru_cache(4096)
def mentioned(text: str, *, wanted: bool = False) -> tuple[str, ...]:
    """Return the things that a text names, in order; with ``wanted`` also those that a task is about.

    >>> mentioned("In the Corby laboratory, the metal pot is in the cupboard in the kitchen.")
    ('metal pot', 'cupboard')
    """
    found = [match[1].strip() for match in _NAMED.finditer(text)] + _UNKNOWN.findall(text)
    if wanted:
        found += [match[1].strip() for match in _WANTED.finditer(text)]
    unlike = (x for x in dict.fromkeys(found) if x.lower() not in _NOTHING and not x.endswith(" laboratory"))
    return tuple(x for x in unlike if len(x) > 1 and not x.startswith("substance "))


@lru_cache(1024)
def holding(text: str) -> tuple[tuple[str, str], ...]:
    """Return vessels with what they hold.

    >>> holding("a ceramic cup (containing a substance called tin)")
    (('ceramic cup', 'tin'),)
    """
    pairs = ((a, b.removeprefix("a ").removeprefix("substance called ")) for a, b in _HOLDING.findall(text))
    return tuple((a, b) for a, b in pairs if not b.startswith(("nothing", "soil", "substance")))


def look(shown: Sequence[str]) -> MentionedPlace:
    """Return where the agent is, given everything that it was shown, oldest first."""
    rooms: dict[str, list[str]] = {}
    room, taken = "", dict[str, None]()
    for text in shown:
        found = _ROOM.findall(text)
        room = found[-1] if found else room
        seen = rooms.setdefault(room, [])
        seen.insert(0 if text.startswith("This ") else len(seen), text)
        for thing, where in _MOVED.findall(text):
            taken.pop(thing, None)
            if where == "inventory":
                taken[thing] = None
    here = rooms.get(room, [])
    things = tuple(dict.fromkeys(thing for text in here for thing in mentioned(text)))
    last = shown[-1] if shown else ""
    return MentionedPlace(room, last, things, "\n".join(here), "\n".join(shown), tuple(reversed(taken)))
