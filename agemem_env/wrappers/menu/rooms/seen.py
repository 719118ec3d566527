"""What observations have shown of the rooms: where one is, what is in them, and which way leads where."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import islice

GO = "go to "
"""How commands that lead to another room begin."""

_ENTERED = re.compile(
    r"(?:You (?:move|teleport) to the|This room is called the|This outside location is called the) ([a-z ]+?)\."
)
_MOVED = re.compile(r"you move the (.+?) to the (.+?)\.")
_FOCUSED = re.compile(r"you focus on the (.+?)\.")
_REFUSED = re.compile(r"No known action|Ambiguous request")


@dataclass
class SeenRooms:
    """What was seen of the rooms so far in an episode.

    Attributes:
        here: The room; empty in worlds without rooms.
        last: The room before.
        ways: Room -> the rooms that one can go to from there.
        shown: Room -> what was shown in it, in lower case, each text once.
        searched: Room and thing -> how many of the texts were searched for it; -1 once it was found.
        described: Rooms that were described.
        held: What was taken and not put anywhere.
        touched: What was ever taken, put or focused on.
        focused: How often something was focused on.
        refused: Commands that were refused.
    """

    here: str = ""
    last: str = ""
    ways: dict[str, frozenset[str]] = field(default_factory=dict)
    shown: dict[str, dict[str, None]] = field(default_factory=dict)
    searched: dict[tuple[str, str], int] = field(default_factory=dict)
    described: set[str] = field(default_factory=set)
    held: dict[str, None] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)
    focused: int = 0
    refused: set[str] = field(default_factory=set)

    def read(self, text: str, commands: Sequence[str], done: Sequence[str]) -> None:
        """Take in what was seen last.

        Args:
            text: The observation.
            commands: Commands that are on offer now.
            done: Commands given so far.

        >>> rooms = SeenRooms()
        >>> rooms.read("You move to the hallway.", ["go to kitchen", "wait"], ["go to hallway"])
        >>> rooms.here, rooms.ways["hallway"]
        ('hallway', frozenset({'kitchen'}))
        """
        entered = _ENTERED.findall(text)
        if entered and entered[-1] != self.here:
            self.last, self.here = self.here, entered[-1]
        if not self.here:
            return
        self.ways[self.here] = frozenset(command[len(GO) :] for command in commands if command.startswith(GO))
        if text.startswith("This "):
            self.described.add(self.here)
        if done and _REFUSED.match(text):
            self.refused.add(done[-1])
        known, low = self.shown.setdefault(self.here, {}), text.lower()
        if low not in known:
            self.focused += len(_FOCUSED.findall(low))
        known[low] = None
        self._handled(low)

    def _handled(self, low: str) -> None:
        self.touched.update(_FOCUSED.findall(low))
        for thing, where in _MOVED.findall(low):
            self.touched.add(thing)
            self.held.pop(thing, None)
            if where == "inventory":
                self.held[thing] = None

    def visible(self, thing: str) -> bool:
        """Return whether something was shown in this room, under this name; each text is searched once.

        >>> rooms = SeenRooms()
        >>> rooms.read("This room is called the kitchen. You see a metal pot.", [], [])
        >>> rooms.visible("metal pot"), rooms.visible("metal")
        (True, True)
        """
        key, texts = (self.here, thing), self.shown.get(self.here, {})
        done = self.searched.get(key, 0)
        if 0 <= done < len(texts):
            fresh = islice(texts, done, None)
            self.searched[key] = -1 if any(is_named(thing, text) for text in fresh) else len(texts)
        return self.searched.get(key) == -1

    def was_touched(self, thing: str) -> bool:
        """Return whether something was taken, put or focused on, by whatever longer or shorter name."""
        return any(is_named(thing, name) or is_named(name, thing) for name in self.touched)

    def next_room(self, target: str) -> str:
        """Return the first room on the shortest known way; empty if none is known, or in the target itself."""
        first: dict[str, str] = {self.here: ""}
        queue = [self.here]
        for room in queue:
            back = [other for other, ways in self.ways.items() if room in ways]
            for behind in (*sorted(self.ways.get(room, ())), *sorted(back)):
                if behind not in first:
                    first[behind] = first[room] or behind
                    queue.append(behind)
                    if behind == target:
                        return first[behind]
        return ""


@lru_cache(1 << 16)
def is_named(thing: str, text: str) -> bool:
    """Return whether a text names a thing, in whole words.

    >>> is_named("pot", "a metal pot"), is_named("pot", "a potato")
    (True, False)
    """
    return re.search(rf"\b{re.escape(thing)}\b", text) is not None
