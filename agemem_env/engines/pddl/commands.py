"""Reads the action that an agent typed: as a whole command, or anywhere in a text as AgentBoard does."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType

_MARKS = re.compile(r"[(),\"'`]")
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


def whole_command(text: str, arities: Mapping[str, int], objects: Collection[str]) -> tuple[str, ...] | None:
    """Return an action's name and arguments if the text is a command and nothing else.

    Args:
        text: What the agent typed: the action, then its objects in order, with or without brackets and commas.
        arities: Number of arguments of each action that has an applicable instance.
        objects: Names of the objects.

    >>> whole_command("pick(ball1, rooma, right).", {"pick": 3}, {"ball1", "rooma", "right"})
    ('pick', 'ball1', 'rooma', 'right')
    >>> whole_command("I will pick ball1 rooma right", {"pick": 3}, {"ball1", "rooma", "right"})
    """
    name, *arguments = _MARKS.sub(" ", text.lower()).strip().removesuffix(".").split() or [""]
    fits = arities.get(name) == len(arguments) and all(word in objects for word in arguments)
    return (name, *arguments) if fits else None


Read = Callable[[str, Mapping[str, int], Collection[str]], "tuple[str, ...] | None"]

READERS: Mapping[str, Read] = MappingProxyType({"agemem": whole_command, "agentboard": parse_command})
"""The reader of commands of each protocol."""
