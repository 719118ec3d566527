"""What the agent sees of an encoded grid: the view that minigrid computes of its objects, in less time."""

from __future__ import annotations

from functools import lru_cache

from agemem_env.engines.babyai.house import Cell
from agemem_env.engines.babyai.view import DOOR_STATES, KINDS, SIZE, to_world

Code = tuple[int, ...]
"""Type, colour and state of what is in a cell, as minigrid numbers them."""

Image = tuple[tuple[Code, ...], ...]
"""A view: ``image[column][row]``; column 0 is left, row 0 is farthest."""

EMPTY: Code = (KINDS.index("empty"), 0, 0)
"""A free cell."""

_UNSEEN: Code = (KINDS.index("unseen"), 0, 0)
_WALL: Code = (KINDS.index("wall"), 5, 0)
_DOOR, _OPEN = KINDS.index("door"), DOOR_STATES.index("open")
_MARGIN = SIZE - 1
_MIDDLE = SIZE // 2


class GridView:
    """The view of an agent in a grid, beyond which are walls.

    Args:
        encoded: ``encoded[x][y]`` is what is in a cell.
    """

    def __init__(self, encoded: list[list[list[int]]]) -> None:
        height = len(encoded[0])
        self._stride = height + 2 * _MARGIN
        edge, beyond = [_WALL] * _MARGIN, [_WALL] * (_MARGIN * self._stride)
        self._codes = [*beyond]
        for column in encoded:
            self._codes += [*edge, *map(tuple, column), *edge]
        self._codes += beyond
        self._steps = [self._steps_of(direction) for direction in range(4)]

    def note(self, cell: Cell, code: Code) -> None:
        """Note what is in a cell now."""
        self._codes[self._place(cell)] = code

    def image(self, position: Cell, direction: int, held: Code | None) -> Image:
        """Return what the agent sees.

        Args:
            position: Its cell.
            direction: 0 east to 3 north.
            held: What it carries.
        """
        place, codes = self._place(position), self._codes
        rows = [[codes[place + step] for step in row] for row in self._steps[direction]]
        shown: list[list[Code]] = []
        seen = 1 << _MIDDLE
        for row in rows:
            seen, farther = _spread(seen, _clear(*row))
            shown.append([code if seen >> column & 1 else _UNSEEN for column, code in enumerate(row)])
            seen = farther
        shown[0][_MIDDLE] = EMPTY if held is None else held
        return tuple(zip(*reversed(shown), strict=True))

    def _place(self, cell: Cell) -> int:
        return (cell[0] + _MARGIN) * self._stride + cell[1] + _MARGIN

    def _steps_of(self, direction: int) -> list[list[int]]:
        """Return how far each cell of the view is in the list of codes, nearest row first."""
        rows = []
        for forward in range(SIZE):
            cells = [to_world((0, 0), direction, (forward, right)) for right in range(-_MIDDLE, SIZE - _MIDDLE)]
            rows.append([x * self._stride + y for x, y in cells])
        return rows


@lru_cache(maxsize=8192)
def _clear(*row: Code) -> int:
    """Return the cells of a row that can be seen through, as bits."""
    return sum(1 << column for column, code in enumerate(row) if not _opaque(code))


def _opaque(code: Code) -> bool:
    return code[0] == _WALL[0] or (code[0] == _DOOR and code[2] != _OPEN)


@lru_cache(maxsize=1 << 2 * SIZE)
def _spread(seen: int, clear: int) -> tuple[int, int]:
    """Return which cells of a row and of the row behind it are seen, as bits, in minigrid's way.

    Args:
        seen: The cells of the row that are seen from the row before it.
        clear: The cells that can be seen through.
    """
    farther = 0
    for columns, step in ((range(SIZE - 1), 1), (range(SIZE - 1, 0, -1), -1)):
        for column in columns:
            if seen & clear & 1 << column:
                both = 1 << column | 1 << column + step
                seen |= both
                farther |= both
    return seen, farther
