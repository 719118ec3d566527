"""How places of a level are named: squares by letter and number, rooms by compass point."""

from __future__ import annotations

from dataclasses import dataclass

Cell = tuple[int, int]
"""A grid cell (x, y); x grows to the east, y to the south, outer walls included."""

_COLUMNS = {1: ("",), 2: ("west", "east"), 3: ("west", "", "east")}
_ROWS = {1: ("",), 2: ("north", "south"), 3: ("north", "", "south")}


def square(cell: Cell) -> str:
    """Return the name of a cell: a letter from the west, a number from the north.

    >>> square((0, 0)), square((9, 3))
    ('A1', 'J4')
    """
    return f"{chr(ord('A') + cell[0])}{cell[1] + 1}"


def cell_of(name: str) -> Cell:
    """Return the cell of a square.

    >>> cell_of("J4")
    (9, 3)
    """
    return ord(name[0].upper()) - ord("A"), int(name[1:]) - 1


@dataclass(frozen=True, slots=True)
class Layout:
    """Rooms of equal size in rows and columns.

    Attributes:
        columns: Rooms from west to east.
        rows: Rooms from north to south.
        size: Side of a room, walls included; neighbours share a wall.
    """

    columns: int
    rows: int
    size: int

    def room_of(self, cell: Cell) -> tuple[int, int]:
        """Return column and row of the room with a cell; a shared wall belongs to the room in the east or south."""
        step = self.size - 1
        return min(cell[0] // step, self.columns - 1), min(cell[1] // step, self.rows - 1)

    def name_of(self, room: tuple[int, int]) -> str:
        """Return how a room is called.

        >>> Layout(3, 3, 8).name_of((2, 0)), Layout(3, 3, 8).name_of((1, 1)), Layout(1, 1, 8).name_of((0, 0))
        ('north-east room', 'middle room', 'only room')
        """
        if self.columns > 3 or self.rows > 3:
            return f"room in column {room[0] + 1}, row {room[1] + 1}"
        parts = [_ROWS[self.rows][room[1]], _COLUMNS[self.columns][room[0]]]
        named = "-".join(part for part in parts if part)
        return f"{named or ('only' if self.columns * self.rows == 1 else 'middle')} room"

    def is_wall_line(self, cell: Cell) -> bool:
        """Return whether a cell lies where walls and doors are."""
        return cell[0] % (self.size - 1) == 0 or cell[1] % (self.size - 1) == 0
