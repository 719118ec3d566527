"""What stage 1 tells of a house, what stage 2 tells of others, and which cells a statement tells of."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agemem_env.engines.babyai.house import Cell, cell_of, square
from agemem_env.engines.babyai.world import BabyAIWorld
from agemem_env.engines.briefing import USELESS, Statement, mix, one_of, revisions, sample, with_corrections
from agemem_env.engines.smalltalk import essentials_of_remark, remarks
from agemem_env.types import Fact

_PREFIXES = ("Mar", "Pen", "Ash", "Bel", "Cor", "Dun", "Elm", "Fen", "Glen", "Hal", "Ing", "Kel", "Lor", "Nor", "Oak")
_INFIXES = ("", "be", "da", "fi", "go", "ki", "lo", "ma", "ne", "ro", "su", "ta", "vi", "wa", "za")
_SUFFIXES = ("low", "ham", "wick", "ton", "field", "more", "ridge", "stead", "bourne", "croft", "dale", "ley", "worth")

_MOVABLE = ("ball", "box", "key")
_COLOURS = "red|green|blue|purple|yellow|grey"
_THING = re.compile(rf"\b(?:{_COLOURS}) (?:ball|box|key|door)\b.*?\bsquare ([A-Z]\d{{1,2}})\b", re.IGNORECASE)
_OPENING = re.compile(r"\bno wall\b.*?\bsquares ([A-Z]\d{1,2}) to ([A-Z]\d{1,2})\b", re.IGNORECASE)


def house_name(number: int) -> str:
    """Return the name of a house; numbers below 2925 have different names.

    >>> house_name(0), house_name(1)
    ('Marlow', 'Penlow')
    """
    number, first = divmod(number, len(_PREFIXES))
    number, last = divmod(number, len(_SUFFIXES))
    return _PREFIXES[first] + _INFIXES[number % len(_INFIXES)] + _SUFFIXES[last]


HOUSES = len(_PREFIXES) * len(_INFIXES) * len(_SUFFIXES)
"""Number of different names."""


@dataclass(frozen=True, slots=True)
class Place:
    """Something in a house and where it is.

    Attributes:
        what: With its article ("the red ball", "a locked blue door").
        kind: ``ball``, ``box``, ``key``, ``door`` or ``opening``.
        cells: Its cell; all cells of an opening.
        rooms: Names of the room that it is in, or of the two rooms that it joins; empty if there is one room only.
    """

    what: str
    kind: str
    cells: tuple[Cell, ...]
    rooms: tuple[str, ...]

    def statement(self, house: str, adverb: str = "") -> str:
        """Return the statement about the place.

        Args:
            house: Name of the house.
            adverb: ``" now"`` for a statement that corrects an earlier one.
        """
        where = f"square {square(self.cells[0])}"
        if self.kind == "opening":
            span = f"squares {square(self.cells[0])} to {square(self.cells[-1])}"
            between = f"the {self.rooms[0]} and the {self.rooms[1]}"
            return f"In the house {house}, no wall stands between {between}: {span} are free."
        if self.kind == "door":
            return f"In the house {house}, {self.what} joins the {self.rooms[0]} and the {self.rooms[1]}, on {where}."
        room = f" in the {self.rooms[0]}," if self.rooms else ""
        return f"In the house {house}, {self.what} is{adverb}{room} on {where}."

    def moved(self, cell: Cell, world: BabyAIWorld) -> Place:
        """Return the same thing in another cell."""
        return replace(self, cells=(cell,), rooms=_rooms(world, cell))


def told_cells(house: str, statements: Iterable[str]) -> frozenset[Cell]:
    """Return the cells that statements about a house tell of.

    What cannot be read, or is about other houses, is left out.

    >>> sorted(told_cells("Marlow", ["In the house Marlow, the red ball is in the west room, on square J4.",
    ... "In the house Penlow, the red ball is on square C3."]))
    [(9, 3)]
    """
    cells: set[Cell] = set()
    name = re.compile(rf"\b{re.escape(house)}\b", re.IGNORECASE)
    for sentence in (part for text in statements for part in re.split(r"(?<=[.;!?])\s+|\n", text)):
        if not name.search(sentence):
            continue
        cells.update(cell_of(found) for found in _THING.findall(sentence))
        for first, last in _OPENING.findall(sentence):
            (x1, y1), (x2, y2) = cell_of(first), cell_of(last)
            cells.update((x, y) for x in range(x1, x2 + 1) for y in range(y1, y2 + 1))
    return frozenset(cells)


def places(world: BabyAIWorld) -> list[Place]:
    """Return everything in a world that a statement can be about, from north-west to south-east."""
    grid = world.env.grid
    things = [(cell, world.thing_at(cell)) for cell in ((x, y) for y in range(grid.height) for x in range(grid.width))]
    counts = Counter((t.type, t.color) for _, t in things if t is not None)
    found = []
    for cell, thing in things:
        if thing is None or thing.type not in ("ball", "box", "key", "door"):
            continue
        article = "the" if counts[thing.type, thing.color] == 1 else "a"
        locked = "locked " if thing.type == "door" and thing.is_locked else ""
        rooms = _rooms(world, cell) if thing.type != "door" else _joined(world, cell)
        found.append(Place(f"{article} {locked}{thing.color} {thing.type}", thing.type, (cell,), rooms))
    return found + _openings(world)


@dataclass(frozen=True)
class BabyAIHouse:
    """A house and what a task in it needs.

    Attributes:
        name: Its name.
        world: The world at the start.
        gold: Places that the task needs.
    """

    name: str
    world: BabyAIWorld
    gold: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class _Said:
    """That a place is in a house."""

    house: BabyAIHouse
    place: Place


def facts(
    own: BabyAIHouse, others: Sequence[BabyAIHouse], useless: Sequence[Place], rng: np.random.Generator
) -> Iterator[Fact]:
    """Yield the facts: places in random order, some of them wrong at first, then the corrections.

    What tasks in other houses need is told as well, in the same words, and some small talk. If there are none, useless
    places of the own house are told instead.

    Args:
        own: The house of the task.
        others: Other houses.
        useless: Other places of the own house.
        rng: Draws what is told.
    """
    gold = [_Said(own, place) for place in own.gold]
    beside = [_Said(house, place) for house in others for place in house.gold]
    beside = beside or [_Said(own, place) for place in sample(useless, USELESS, rng)]
    names = [f"In the house {house.name}" for house in (own, *others)]
    talk = remarks(names, len(gold) + len(beside), rng) if others else []
    told: list[Statement[_Said | str]] = mix([*gold], [*beside], [*talk], rng)
    wrong = {i: _mistaken(told[i].about, rng) for i in revisions(told, _movable, rng)}
    for each in with_corrections(told, wrong):
        adverb = "" if each.supersedes is None else " now"
        if isinstance(each.about, str):
            yield Fact(each.about, essentials=essentials_of_remark(each.about))
            continue
        text = each.about.place.statement(each.about.house.name, adverb)
        yield Fact(text, each.gold, each.supersedes, each.useful)


def distractors(number: int, others: Sequence[str], rng: np.random.Generator) -> Iterator[str]:
    """Yield statements about two other houses.

    Args:
        number: Number of the task's own house.
        others: Levels that the other houses may be of.
        rng: Draws levels, worlds and things.
    """
    for shift in (1, 2):
        other = BabyAIWorld(one_of(others, rng))
        other.build(int(rng.integers(10**6, 10**7)))  # nobody comes back to it
        house = house_name((number + shift * 97) % HOUSES)
        found = places(other)
        for index in rng.permutation(len(found))[:2]:
            yield found[index].statement(house)


def _movable(about: _Said | str) -> bool:
    return isinstance(about, _Said) and about.place.kind in _MOVABLE


def _mistaken(about: _Said | str, rng: np.random.Generator) -> _Said | str:
    assert isinstance(about, _Said)
    world, place = about.house.world, about.place
    return replace(about, place=place.moved(_free_cell(world, place, rng), world))


def _free_cell(world: BabyAIWorld, place: Place, rng: np.random.Generator) -> Cell:
    """Return an empty cell out of sight, where the thing may have been before."""
    grid, seen, layout = world.env.grid, world.visible(), world.layout
    free = [
        (x, y)
        for y in range(grid.height)
        for x in range(grid.width)
        if world.thing_at((x, y)) is None and not layout.is_wall_line((x, y)) and (x, y) not in place.cells
    ]
    unseen = [cell for cell in free if cell not in seen] or free
    return unseen[int(rng.integers(len(unseen)))]


def _rooms(world: BabyAIWorld, cell: Cell) -> tuple[str, ...]:
    layout = world.layout
    return (layout.name_of(layout.room_of(cell)),) if layout.columns * layout.rows > 1 else ()


def _joined(world: BabyAIWorld, cell: Cell) -> tuple[str, ...]:
    """Return the names of the two rooms on either side of a cell in a shared wall."""
    layout, (x, y) = world.layout, cell
    before = (x - 1, y) if x % (layout.size - 1) == 0 else (x, y - 1)
    return layout.name_of(layout.room_of(before)), layout.name_of(layout.room_of(cell))


def _openings(world: BabyAIWorld) -> list[Place]:
    """Return the pairs of rooms between which there is no wall."""
    layout, found = world.layout, []
    step = layout.size - 1
    for row in range(layout.rows):
        for column in range(layout.columns):
            x, y = column * step, row * step
            sides = []
            if column:
                sides.append(tuple((x, y + i) for i in range(1, step)))
            if row:
                sides.append(tuple((x + i, y) for i in range(1, step)))
            for cells in sides:
                # A wall with a door has wall cells beside it.
                if all(
                    world.thing_at(cell) is None or world.thing_at(cell).type not in ("wall", "door") for cell in cells
                ):
                    found.append(Place("", "opening", cells, _joined(world, cells[0])))
    return found
