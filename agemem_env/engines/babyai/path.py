"""The search that turns "go to the red ball 1" into turns and steps.

Everything is relative to the agent: cells are (forward, right) offsets, headings are 0 ahead, 1 right, 2 back and
3 left. The search is breadth first over cell and heading, in the order forward, left, right. A node is closed when
it leaves the queue, and until then every further push replaces its parent: the paths are only reproduced exactly
if both are kept.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

Offset = tuple[int, int]
"""A cell as (steps forward, steps to the right) of the agent; negative is behind and left."""

LEFT, RIGHT, FORWARD, PICKUP, DROP, TOGGLE = range(6)
"""Primitive actions with minigrid's numbers."""

_STEP = ((1, 0), (0, 1), (-1, 0), (0, -1))
_FAR, _SIDE = 6, 3
_ROWS, _COLUMNS = _FAR + 2, 2 * _SIDE + 2
"""The window: one row behind the agent and one column beyond the view's right edge are sometimes part of it."""

_WINDOW: tuple[tuple[int, int], ...] = ((-1, _SIDE), (-1, _SIDE + 1), (0, _SIDE + 1), (0, _SIDE))
"""Nearest row and rightmost column of the window for an agent that faces east, south, west and north."""


def _node(forward: int, right: int, heading: int) -> int:
    return ((forward + 1) * _COLUMNS + right + _SIDE) * 4 + heading


def _offset(node: int) -> Offset:
    row, column = divmod(node // 4, _COLUMNS)
    return row - 1, column - _SIDE


def _ahead(node: int) -> Offset:
    forward, right = _offset(node)
    step = _STEP[node % 4]
    return forward + step[0], right + step[1]


def _forward_nodes(direction: int) -> tuple[int, ...]:
    """Return for each node the node one step ahead, or -1 at the edge of the window."""
    nearest, rightmost = _WINDOW[direction]
    result = []
    for node in range(_ROWS * _COLUMNS * 4):
        forward, right = _ahead(node)
        inside = nearest <= forward <= _FAR and -_SIDE <= right <= rightmost
        result.append(_node(forward, right, node % 4) if inside else -1)
    return tuple(result)


_CELL = tuple(_offset(node) for node in range(_ROWS * _COLUMNS * 4))
_AHEAD = tuple(_ahead(node) for node in range(_ROWS * _COLUMNS * 4))
_NEXT = tuple(_forward_nodes(direction) for direction in range(4))
_START = _node(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Paths:
    """What one search found.

    Attributes:
        parents: Node, mapped to the node from which it is reached.
        facing: Cell, mapped to the first node that looks at it.
        onto: Cell, mapped to the first node that stands on it.
    """

    parents: list[int]
    facing: dict[Offset, int]
    onto: dict[Offset, int]

    def to_face(self, cell: Offset) -> tuple[int, ...] | None:
        """Return the turns and steps after which the agent looks at a cell, or None without a path."""
        return self._moves(self.facing.get(cell))

    def to_enter(self, cell: Offset) -> tuple[int, ...] | None:
        """Return the turns and steps after which the agent stands on a cell, or None without a path."""
        return self._moves(self.onto.get(cell))

    def _moves(self, node: int | None) -> tuple[int, ...] | None:
        if node is None:
            return None
        moves: list[int] = []
        while node != _START:
            parent = self.parents[node]
            turn = (node - parent) % 4
            moves.append(FORWARD if turn == 0 else RIGHT if turn == 1 else LEFT)
            node = parent
        return tuple(reversed(moves))


def search(blocked: Collection[Offset], direction: int, face: Collection[Offset], enter: Collection[Offset]) -> Paths:
    """Search from the agent's place until every wanted cell is reached or nothing is left.

    Args:
        blocked: Cells that cannot be entered; a set.
        direction: The agent's absolute direction, 0 east to 3 north; it decides the window.
        face: Cells to look at.
        enter: Cells to stand on.

    >>> search({(2, 1)}, 0, {(2, 1)}, ()).to_face((2, 1))
    (2, 2, 1)
    """
    following = _NEXT[direction]
    parents = [-1] * len(following)
    closed = bytearray(len(following))
    facing: dict[Offset, int] = {}
    onto: dict[Offset, int] = {}
    open_targets = len(set(face)) + len(set(enter))
    queue = [_START]
    for node in queue:  # grows while it is read
        if closed[node]:
            continue
        closed[node] = 1
        ahead = _AHEAD[node]
        if ahead in face and ahead not in facing:
            facing[ahead] = node
            open_targets -= 1
        if _CELL[node] in enter and _CELL[node] not in onto:
            onto[_CELL[node]] = node
            open_targets -= 1
        if not open_targets:
            break
        base = node & ~3
        step = -1 if ahead in blocked else following[node]
        for successor in (step, base + (node + 3) % 4, base + (node + 1) % 4):
            if successor >= 0 and not closed[successor]:
                parents[successor] = node
                queue.append(successor)
    return Paths(parents, facing, onto)
