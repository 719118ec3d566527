"""Where things are, in worlds whose squares have names: what is seen, what memories say, and the way through doors.

Everything is read from texts: "You are on square C11, facing west", "a red ball 2 2 steps in front of you and 3 steps
to your left", "the red door joins the west room and the middle room, on square H10".
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

Square = tuple[int, int]

_OWN = re.compile(r"on square ([A-Z]+)(\d+), facing (\w+)")
_THING = re.compile(
    r"[Tt]here is an? ([a-z ]+ \d+) ((?:\d+ steps? [a-z ]+?)(?: and \d+ steps? to your \w+)?)(?=\.| right)"
)
_AHEAD, _ASIDE = re.compile(r"(\d+) steps? in front"), re.compile(r"(\d+) steps? to your (left|right)")
_ON, _OPENING = re.compile(r"square ([A-Z]+)(\d+)"), re.compile(r"squares ([A-Z]+)(\d+) to ([A-Z]+)(\d+) are free")
_FACING = ("north", "east", "south", "west")
STEPS: tuple[Square, ...] = ((0, -1), (1, 0), (0, 1), (-1, 0))
"""The square ahead when facing north, east, south and west."""


@dataclass(frozen=True)
class Stand:
    """Where the agent stands and what it sees.

    Attributes:
        own: Its square.
        facing: 0 to 3: north, east, south, west.
        things: Squares of the named things in view.
    """

    own: Square
    facing: int
    things: Mapping[str, Square]

    @property
    def ahead(self) -> Square:
        """The next square in front."""
        return self.beside(0)

    def beside(self, turns: int) -> Square:
        """Return the next square after so many turns to the right."""
        x, y = STEPS[(self.facing + turns) % 4]
        return self.own[0] + x, self.own[1] + y


@lru_cache(1 << 14)
def stand(text: str) -> Stand | None:
    """Return where an observation says that the agent stands; None if it does not say.

    >>> found = stand("There is a red ball 2 2 steps in front of you and 1 steps to your left. "
    ...     "You are on square C11, facing west.")
    >>> found.own, found.things["red ball 2"], found.ahead
    ((3, 11), (1, 12), (2, 11))
    """
    here = _OWN.search(text)
    if here is None or here[3] not in _FACING:
        return None
    own, facing = (column(here[1]), int(here[2])), _FACING.index(here[3])
    (fx, fy), (rx, ry) = STEPS[facing], STEPS[(facing + 1) % 4]
    things = {}
    for name, where in _THING.findall(text):
        front, side = _AHEAD.search(where), _ASIDE.search(where)
        a = int(front[1]) if front else 0
        b = int(side[1]) * (1 if side[2] == "right" else -1) if side else 0
        things[name] = (own[0] + fx * a + rx * b, own[1] + fy * a + ry * b)
    return Stand(own, facing, things)


@lru_cache(1 << 14)
def place(text: str) -> Square | None:
    """Return the square that a memory names."""
    found = _ON.search(text)
    return (column(found[1]), int(found[2])) if found else None


@lru_cache(1 << 14)
def door(text: str) -> Square | None:
    """Return the square of a way between rooms that a memory tells of."""
    free = _OPENING.search(text)
    if free is not None:
        return (column(free[1]) + column(free[3])) // 2, (int(free[2]) + int(free[4])) // 2
    return place(text) if "door" in text else None


def column(letters: str) -> int:
    """Return the number of a column.

    >>> column("A"), column("AB")
    (1, 28)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


@lru_cache(1 << 13)
def room_size(doors: frozenset[Square]) -> int:
    """Return the distance of the walls: every door lies in one. 0 if no distance fits."""
    fits = [size for size in range(8, 2, -1) if all(((c - 1) % size == 0) != ((r - 1) % size == 0) for c, r in doors)]
    return fits[0] if doors and fits else 0


@lru_cache(1 << 15)
def next_door(own: Square, goal: Square, doors: frozenset[Square]) -> Square | None:
    """Return the first door on the shortest way from room to room; None in the same room, or if no way is known."""
    size = room_size(doors)
    if not size:
        return None
    ways: dict[Square, list[tuple[Square, Square]]] = {}
    for square in sorted(doors):
        one, other = _rooms(square, size)
        ways.setdefault(one, []).append((other, square))
        ways.setdefault(other, []).append((one, square))
    goals, starts = set(_rooms(goal, size)), _rooms(own, size)
    if goals & set(starts):
        return None
    first: dict[Square, Square | None] = dict.fromkeys(starts)
    queue: list[Square] = list(starts)
    for room in queue:
        for behind, square in ways.get(room, ()):
            if behind not in first:
                first[behind] = first[room] or square
                queue.append(behind)
                if behind in goals:
                    return first[behind] if first[behind] != own else None
    return None


def _rooms(square: Square, size: int) -> Sequence[Square]:
    """Return the rooms that a square belongs to: two for a square in a wall, else one."""
    column, row = square[0] - 1, square[1] - 1
    columns = [column // size - 1, column // size] if column % size == 0 else [column // size]
    rows = [row // size - 1, row // size] if row % size == 0 else [row // size]
    return [(c, r) for c in columns for r in rows]
