"""Finds the action in what an agent typed."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

_WORD = re.compile(r"[^\s()\[\]{}<>,;:?!\"'`@#$%&*=]+")


def parse_command(text: str, arities: Mapping[str, int], objects: Collection[str]) -> tuple[str, ...] | None:
    """Return an action's name and arguments, or None if the text names none.

    The action is the first word that names an action with an applicable instance; the arguments are the words that
    name objects, in order, wherever they stand (AgentBoard's rule).

    Args:
        text: What the agent typed.
        arities: Number of arguments of each action that has an applicable instance.
        objects: Names of the objects.

    >>> parse_command("Pick up ball1 at rooma with arm right.", {"pick": 3}, {"ball1", "rooma", "right"})
    ('pick', 'ball1', 'rooma', 'right')
    """
    words = [word.strip(".") for word in _WORD.findall(text.lower())]
    name = next((word for word in words if word in arities), None)
    if name is None:
        return None
    arguments = [word for word in words if word in objects][: arities[name]]
    return (name, *arguments) if len(arguments) == arities[name] else None
