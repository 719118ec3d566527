"""The house that every laboratory is: its rooms, the ways between them, and what is in them."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

DOORS = {
    "hallway": ("art studio", "bedroom", "greenhouse", "kitchen", "living room", "workshop"),
    "kitchen": ("bathroom", "hallway", "outside"),
    "outside": ("foundry", "greenhouse", "kitchen"),
    "greenhouse": ("hallway", "outside"),
    "art studio": ("hallway",),
    "bathroom": ("kitchen",),
    "bedroom": ("hallway",),
    "foundry": ("outside",),
    "living room": ("hallway",),
    "workshop": ("hallway",),
}
"""Room -> the rooms behind its doors; the same in every variation."""

_ENTERED = re.compile(r"^(?:You move to the|This room is called the|This outside location is called the) ([a-z ]+)\.")
_UNNAMED = ("terminal", "anode", "cathode", "air", "agent", "inventory", "drawer")
_SHOWN_AS = {"common toad": "frog", "moth": "butterfly"}
"""What observations call things that commands have to call otherwise."""
_SURFACES = ("table", "counter", "chair", "desk", "couch", "bed", "mattress", "book shelf", "stove")


@dataclass(frozen=True, slots=True)
class LabThing:
    """Something in a laboratory at the start.

    Attributes:
        name: What the simulator calls it.
        room: The room that it is in.
        inside: The things around it, the innermost first.
        closed: Those of them that are closed and hide it, the outermost first.
        alive: Whether it is a living thing.
        movable: Whether it can be moved.
    """

    name: str
    room: str
    inside: tuple[str, ...]
    closed: tuple[str, ...]
    alive: bool
    movable: bool

    def shown_in(self, text: str) -> bool:
        """Return whether a text names it."""
        return any(names(name, text) for name in (self.name, _SHOWN_AS.get(self.name, self.name)))

    @property
    def words(self) -> str:
        """Its name, and what it is shown as if that is another.

        >>> LabThing("moth", "outside", (), (), True, True).words
        'moth (shown as butterfly)'
        """
        shown = _SHOWN_AS.get(self.name)
        return f"{self.name} (shown as {shown})" if shown else self.name

    @property
    def essentials(self) -> tuple[str, ...]:
        """The phrases that a text must have to state where it is.

        >>> LabThing("gallium", "workshop", ("metal pot", "table"), (), False, True).essentials
        ('gallium', 'metal pot', 'table', 'workshop')
        """
        return (self.name, *self.inside, self.room)

    @property
    def where(self) -> str:
        """Where it is, in words.

        >>> LabThing("gallium", "workshop", ("metal pot", "table"), (), False, True).where
        'in the metal pot on the table in the workshop'
        """
        around = "".join(f"{'on' if name in _SURFACES else 'in'} the {name} " for name in self.inside)
        return f"{around}{at(self.room)}"


def names(name: str, text: str) -> bool:
    """Return whether a text contains a name as a whole.

    >>> names("pot", "Metal pot 3."), names("pot", "a potato")
    (True, False)
    """
    return re.search(_word(name), text, re.IGNORECASE) is not None


def _word(name: str) -> str:
    return rf"(?<!\w){re.escape(name)}(?!\w)"


def at(room: str) -> str:
    """Return a room with its preposition.

    >>> at("kitchen"), at("outside")
    ('in the kitchen', 'outside')
    """
    return room if room == "outside" else f"in the {room}"


def named_in(text: str, stock: Iterable[LabThing]) -> list[LabThing]:
    """Return the things that a text names; a name that is only part of another one named does not count."""
    found = [thing for thing in stock if thing.shown_in(text)]
    rest = text.lower()
    for name in sorted({thing.name.lower() for thing in found}, key=len, reverse=True):
        if not names(name, rest):
            found = [thing for thing in found if thing.name.lower() != name]
        rest = re.sub(_word(name), "", rest)
    return found


def room_entered(text: str) -> str | None:
    """Return the room that an observation says the agent is in, if it does.

    >>> room_entered("You move to the living room.")
    'living room'
    """
    match = _ENTERED.match(text)
    return match[1] if match and match[1] in DOORS else None


def first_room(text: str) -> str:
    """Return the room that the first observation shows.

    Raises:
        ValueError: If it shows none.
    """
    room = room_entered(text)
    if room is None:
        raise ValueError(f"the first observation names no room: {text[:80]!r}")
    return room


def way(start: str, goal: str) -> list[str]:
    """Return the rooms to go through from one room to another, the last one included.

    >>> way("workshop", "foundry")
    ['hallway', 'kitchen', 'outside', 'foundry']
    """
    came_from: dict[str, str | None] = {start: None}
    queue = deque([start])
    while queue:
        room = queue.popleft()
        for following in sorted(DOORS[room], key=lambda name: name != "kitchen"):
            if following not in came_from:
                came_from[following] = room
                queue.append(following)
    found: list[str] = []
    step: str | None = goal
    while step is not None and step != start:
        found.append(step)
        step = came_from[step]
    return found[::-1]


def things(tree: Any) -> list[LabThing]:
    """Return what is in the rooms, from the simulator's object tree."""
    found: list[LabThing] = []
    for node in tree["contents"].values():
        if node["name"] in DOORS:
            found += _contents(node, node["name"], (), ())
    return found


def materials(tree: Any) -> Iterator[tuple[str, Any]]:
    """Yield the name and the physical properties of everything that has any."""
    for node in tree["contents"].values():
        if node["propMaterial"] is not None:
            yield node["name"], node["propMaterial"]
        yield from materials(node)


def animals(tree: Any, room: str) -> Iterator[tuple[str, float]]:
    """Yield the animals of a room with their life spans."""
    for node in tree["contents"].values():
        if node["name"] == room:
            for child in node["contents"].values():
                if child["propLife"] is not None:
                    yield child["name"], child["propLife"]["lifespanTypical"]


def _contents(node: Any, room: str, inside: tuple[str, ...], closed: tuple[str, ...]) -> Iterator[LabThing]:
    for child in node["contents"].values():
        name = child["name"]
        if name == "plant":
            name = f"{child['propLife']['lifeformType']} tree"
        if name.startswith("terminal") or name in ("agent", "anode", "cathode"):
            continue
        container = child["propContainer"]
        if name not in _UNNAMED:
            movable = bool((child["propMoveable"] or {}).get("isMovable"))
            yield LabThing(name, room, inside, closed, child["propLife"] is not None, movable)
        hides = container is not None and not container["isOpen"] and not _transparent(child)
        yield from _contents(child, room, (name, *inside), (*closed, name) if hides else closed)


def _transparent(node: Any) -> bool:
    material = node["propMaterial"]
    return material is not None and material["substanceName"] == "glass"
