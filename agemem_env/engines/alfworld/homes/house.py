"""The home of a game at its start: which things are there, and where. Read from the game's PDDL problem."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from agemem_env.engines.alfworld.homes.game import Game
from agemem_env.engines.alfworld.homes.names import display_names
from agemem_env.errors import DataError

Fact = tuple[str, ...]
"""Predicate and ids of its arguments, in lower case."""

_FACT = re.compile(r"\(([^()]+)\)")
_PROPERTIES = ("pickupable", "cleanable", "heatable", "coolable", "toggleable", "sliceable", "isreceptacleobject")


@dataclass(frozen=True, slots=True)
class Receptacle:
    """A receptacle.

    Attributes:
        id: Its id.
        name: What the player calls it, for example ``cabinet 3``.
        kind: Its class in lower case, for example ``cabinet``.
        place: Where one stands before it; several can share a place.
        openable: Whether it can be opened; it is closed at the start.
    """

    id: str
    name: str
    kind: str
    place: str
    openable: bool


@dataclass(frozen=True, slots=True)
class Thing:
    """An object.

    Attributes:
        id: Its id.
        name: What the player calls it, for example ``mug 1``.
        kind: Its class in lower case, for example ``mug``.
        receptacle: Id of the receptacle that it is in; None if it is in none.
        properties: Which of ``pickupable``, ``cleanable``, ``heatable``, ``coolable``, ``toggleable``, ``sliceable``
            and ``isreceptacleobject`` it is.
    """

    id: str
    name: str
    kind: str
    receptacle: str | None
    properties: frozenset[str]


@dataclass(frozen=True)
class House:
    """Everything that is in a home, sorted by id.

    Attributes:
        receptacles: The receptacles by id.
        things: The objects by id.
        accepts: Class of receptacle -> classes of objects that can be put there.
        start: The place where the player stands.
    """

    receptacles: Mapping[str, Receptacle]
    things: Mapping[str, Thing]
    accepts: Mapping[str, frozenset[str]]
    start: str

    @cached_property
    def by_name(self) -> Mapping[str, Receptacle | Thing]:
        """Receptacles and objects by display name."""
        items: list[Receptacle | Thing] = [*self.receptacles.values(), *self.things.values()]
        return {item.name: item for item in items}


def initial_facts(problem: str) -> list[Fact]:
    """Return the facts that a PDDL problem begins with, in its order.

    >>> initial_facts("(define (problem p) (:init (openable Safe_bar_1) (= (total-cost) 0)) (:goal (and)))")
    [('openable', 'safe_bar_1')]
    """
    begin, end = problem.find("(:init"), problem.find("(:goal")
    if begin < 0 or end < begin:
        raise DataError("the PDDL problem of the game has no initial state before its goal")
    facts = (tuple(match.lower().split()) for match in _FACT.findall(problem[begin:end]))
    return [fact for fact in facts if len(fact) > 1]


def house_of(game: Game) -> House:
    """Return the home of a game.

    Raises:
        DataError: If the game's problem does not describe one.
    """
    facts = initial_facts(game.problem)
    table: dict[str, dict[str, str]] = defaultdict(dict)
    accepts: dict[str, set[str]] = defaultdict(set)
    for predicate, *arguments in facts:
        table[predicate][arguments[0]] = arguments[-1]
        if predicate == "cancontain":
            accepts[_class(arguments[0])].add(_class(arguments[1]))
    for predicate in ("receptacletype", "objecttype", "atlocation"):
        if not table[predicate]:
            raise DataError(f"the PDDL problem of the game has no fact {predicate}")
    names = display_names({argument for fact in facts for argument in fact[1:]})
    receptacles = {
        key: Receptacle(key, names[key], _class(kind), table["receptacleatlocation"][key], key in table["openable"])
        for key, kind in sorted(table["receptacletype"].items())
        if key in table["receptacleatlocation"]
    }
    things = {}
    for key, kind in sorted(table["objecttype"].items()):
        properties = frozenset(name for name in _PROPERTIES if key in table[name])
        things[key] = Thing(key, names[key], _class(kind), table["inreceptacle"].get(key), properties)
    return House(
        receptacles=receptacles,
        things=things,
        accepts={kind: frozenset(kinds) for kind, kinds in sorted(accepts.items())},
        start=next(iter(table["atlocation"].values())),
    )


def _class(type_name: str) -> str:
    return type_name.removesuffix("type")
