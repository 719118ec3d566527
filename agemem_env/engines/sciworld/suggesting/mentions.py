"""What texts of the laboratory mention: things, vessels with their contents, where the agent is, what it has taken."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
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


class Laboratory:
    """What a laboratory has shown since a task began; what is new is read once.

    What is shown again, word for word, tells nothing new but where the agent is.

    >>> laboratory = Laboratory()
    >>> laboratory.look(["You move to the kitchen.", "You see a red box."]).room
    'kitchen'
    """

    def __init__(self) -> None:
        self._shown: list[str] = []
        self._all: dict[str, None] = {}
        self._rooms: dict[str, _Room] = {}
        self._room = ""
        self._taken: dict[str, None] = {}

    def look(self, shown: Sequence[str]) -> MentionedPlace:
        """Return where the agent is, given everything that it was shown, oldest first.

        Args:
            shown: The texts, as many or more than last time; others begin anew.
        """
        if self._shown != shown[: len(self._shown)]:
            Laboratory.__init__(self)
        for text in shown[len(self._shown) :]:
            self._read(text)
        here = self._rooms[self._room].texts if self._shown else []
        things = tuple(dict.fromkeys(thing for text in here for thing in mentioned(text)))
        last = shown[-1] if shown else ""
        text_here, text = "\n".join(here), "\n".join(self._all)
        return MentionedPlace(self._room, last, things, text_here, text, tuple(reversed(self._taken)))

    def _read(self, text: str) -> None:
        self._shown.append(text)
        self._all[text] = None
        found = _ROOM.findall(text)
        self._room = found[-1] if found else self._room
        self._rooms.setdefault(self._room, _Room()).add(text)
        for thing, where in _MOVED.findall(text):
            self._taken.pop(thing, None)
            if where == "inventory":
                self._taken[thing] = None


@dataclass
class _Room:
    """What was shown in a room: descriptions of it, the newest last, and everything else."""

    descriptions: dict[str, None] = field(default_factory=dict)
    others: dict[str, None] = field(default_factory=dict)

    def add(self, text: str) -> None:
        if text.startswith("This "):
            self.descriptions.pop(text, None)
            self.descriptions[text] = None
        else:
            self.others[text] = None

    @property
    def texts(self) -> list[str]:
        return [*reversed(self.descriptions), *self.others]
