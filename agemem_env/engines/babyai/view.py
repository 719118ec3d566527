"""The 7 x 7 view of the agent as objects and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agemem_env.engines.babyai.path import Offset

SIZE = 7
"""Width and depth of the view; the agent is in the middle of the nearest row."""

KINDS = ("unseen", "empty", "wall", "floor", "door", "key", "ball", "box", "goal", "lava", "agent")
"""minigrid's object types by number."""

COLOURS = ("red", "green", "blue", "purple", "yellow", "grey")
"""minigrid's colours by number."""

DOOR_STATES = ("open", "closed", "locked")
"""minigrid's door states by number."""

COMPASS = ("east", "south", "west", "north")
"""minigrid's directions by number."""

VECTORS = ((1, 0), (0, 1), (-1, 0), (0, -1))
"""Unit vectors of the directions; y grows to the south."""

COMPLETED = "\n The task is completed."

_OPENING = "In front of you in this room, you can see several objects: "
_NOTHING = "You cannot see any objects within sight."
_WALLS = "The room has walls around you. "
_SHOWN = frozenset({"wall", "door", "key", "ball", "box", "goal", "lava"})
_BLOCKING = frozenset({"wall", "box", "lava", "ball", "key"})
_BARRIERS = frozenset({"wall", "box"})


@dataclass(frozen=True, slots=True)
class Item:
    """An object in view.

    Attributes:
        name: Colour and type, for a door with its state between them ("red closed door").
        number: Rank among the visible objects of this name, from 1 for the nearest.
        kind: Object type.
        colour: Colour.
        state: State of a door, else empty.
        at: Where it is from the agent.
    """

    name: str
    number: int
    kind: str
    colour: str
    state: str
    at: Offset

    @property
    def label(self) -> str:
        """Name and number, as commands use them."""
        return f"{self.name} {self.number}"


@dataclass(frozen=True, slots=True)
class BabyAIScene:
    """What the agent sees, and itself.

    Attributes:
        items: Visible objects without walls, nearest first.
        sees_walls: Whether a wall is in view.
        blocked: Cells that cannot be entered because of what is seen there.
        barrier: Type and distance of the nearest wall or box on the line ahead.
        ahead: Type of what stands right ahead; empty if nothing does.
        carrying: Colour and type of what the agent holds.
        position: The agent's cell in the grid (x, y).
        direction: 0 east, 1 south, 2 west, 3 north.
    """

    items: tuple[Item, ...]
    sees_walls: bool
    blocked: frozenset[Offset]
    barrier: tuple[str, int] | None
    ahead: str
    carrying: tuple[str, str] | None
    position: tuple[int, int]
    direction: int


def to_world(position: tuple[int, int], direction: int, offset: Offset) -> tuple[int, int]:
    """Return the grid cell of an offset.

    >>> to_world((5, 5), 1, (2, 1))
    (4, 7)
    """
    dx, dy = VECTORS[direction]
    forward, right = offset
    return position[0] + dx * forward - dy * right, position[1] + dy * forward + dx * right


def read_view(
    image: Sequence[Sequence[Sequence[int]]],
    position: tuple[int, int],
    direction: int,
    carrying: tuple[str, str] | None,
) -> BabyAIScene:
    """Read minigrid's encoded view.

    Args:
        image: ``image[column][row]`` is (type, colour, state); column 0 is left, row 0 is farthest.
        position: The agent's cell.
        direction: The agent's direction.
        carrying: Colour and type of what it holds.
    """
    found: list[tuple[int, str, str, str, Offset]] = []
    blocked: set[Offset] = set()
    barrier: tuple[str, int] | None = None
    sees_walls, ahead = False, ""
    for row in range(SIZE):
        forward = SIZE - 1 - row
        for column in range(SIZE):
            code = image[column][row]
            kind = KINDS[code[0]]
            right = column - SIZE // 2
            if kind not in _SHOWN or not (forward or right) or min(to_world(position, direction, (forward, right))) < 0:
                continue
            if kind in _BLOCKING:
                blocked.add((forward, right))
            if right == 0:
                ahead = kind if forward == 1 else ahead
                barrier = (kind, forward) if kind in _BARRIERS and forward else barrier
            if kind == "wall":
                sees_walls = True
                continue
            state = DOOR_STATES[code[2]] if kind == "door" else ""
            found.append((forward + abs(right), kind, COLOURS[code[1]], state, (forward, right)))
    found.sort(key=lambda item: item[0])
    return BabyAIScene(_numbered(found), sees_walls, frozenset(blocked), barrier, ahead, carrying, position, direction)


def _numbered(found: Sequence[tuple[int, str, str, str, Offset]]) -> tuple[Item, ...]:
    counts: Counter[str] = Counter()
    items = []
    for _, kind, colour, state, at in found:
        name = f"{colour} {state} {kind}" if state else f"{colour} {kind}"
        counts[name] += 1
        items.append(Item(name, counts[name], kind, colour, state, at))
    return tuple(items)


def describe(scene: BabyAIScene) -> str:
    """Return the observation in AgentBoard's words."""
    parts = [_OPENING if scene.items or scene.sees_walls else _NOTHING]
    parts += [f"There is a {item.label} {_place(item.at)} " for item in scene.items]
    parts.append(_WALLS)
    if scene.barrier is not None:
        parts.append(f"You are facing a {scene.barrier[0]} {scene.barrier[1]} steps away. ")
    parts.append(holding(scene))
    return "".join(parts)


def holding(scene: BabyAIScene) -> str:
    """Return the sentence about what the agent carries."""
    if scene.carrying is None:
        return "You are not carrying anything."
    return f"You are carrying a {' '.join(scene.carrying)}."


def _place(at: Offset) -> str:
    forward, right = at
    if right == 0:
        return f"right in front of you {forward} steps away. "
    return f"{forward} steps in front of you and {abs(right)} steps to your {'right' if right > 0 else 'left'}. "
