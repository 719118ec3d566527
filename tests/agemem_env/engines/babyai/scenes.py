"""Views of the agent, made of what stands in them."""

from __future__ import annotations

from typing import Any

from agemem_env.engines.babyai.view import COLOURS, KINDS, BabyAIScene, read_view

UNSEEN, EMPTY, WALL = (0, 0, 0), (1, 0, 0), (2, 5, 0)
OPEN, CLOSED, LOCKED = range(3)


def thing(kind: str, colour: str, state: int = 0) -> tuple[int, int, int]:
    return KINDS.index(kind), COLOURS.index(colour), state


def scene(
    things: dict[tuple[int, int], tuple[int, int, int]],
    carrying: tuple[str, str] | None = None,
    ground: tuple[int, int, int] = EMPTY,
    position: tuple[int, int] = (10, 10),
    direction: int = 3,
) -> BabyAIScene:
    """Return a view with things at (forward, right)."""
    image: Any = [[ground] * 7 for _ in range(7)]
    for (forward, right), code in things.items():
        image[right + 3][6 - forward] = code
    return read_view(image, position, direction, carrying)
