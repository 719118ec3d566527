"""Writes a home and a goal as a PDDL problem, in the form of ALFWorld's games."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agemem_env.engines.alfworld.making.alfworld_files import PosedReceptacle, classes

_ESCAPES: Mapping[str, str] = {"-": "_minus_", "|": "_bar_", "+": "_plus_", ".": "_dot_", ",": "_comma_"}
_NAMED_BY_DOMAIN = ("FridgeType - rtype", "MicrowaveType - rtype", "SinkBasinType - rtype")
_FEATURES: Mapping[str, str] = {
    "cleanable": "Cleanable",
    "heatable": "Heatable",
    "coolable": "Coolable",
    "toggleable": "Toggleable",
    "sliceable": "Sliceable",
}


@dataclass(frozen=True)
class Placed:
    """A thing in a home: AI2-THOR's id, class, receptacle if it is in one, place, and whether it can be taken."""

    id: str
    kind: str
    receptacle: PosedReceptacle | None
    place: str
    portable: bool


def pddl_id(name: str) -> str:
    """Return an id of AI2-THOR as a PDDL symbol.

    >>> pddl_id("Mug|+00.68|-01.00")
    'Mug_bar__plus_00_dot_68_bar__minus_01_dot_00'
    """
    for character, escape in _ESCAPES.items():
        name = name.replace(character, escape)
    return name


def write_problem(
    name: str, receptacles: Sequence[PosedReceptacle], things: Sequence[Placed], start: str, goal: str
) -> str:
    """Return the PDDL problem.

    Args:
        name: Name of the problem.
        receptacles: All receptacles.
        things: All objects.
        start: Where the player stands.
        goal: The goal, with the parenthesis that ends the problem.
    """
    places = sorted({start, *(r.place for r in receptacles), *(thing.place for thing in things)})
    separator = "\n        "
    locations = [f"{pddl_id(p)} - location" for p in places]
    objects = separator.join([*_header(), *_symbols(receptacles, things), *locations])
    facts = separator.join(_facts(receptacles, things, start))
    return (
        f"\n(define (problem plan_{name})\n(:domain alfred)\n(:objects\n        {objects}\n        )\n"
        f"\n(:init\n        {facts}\n        )\n{goal}"
    )


def _header() -> list[str]:
    """Return what every problem declares: the domain names some of it, whatever the room."""
    known = classes()
    kinds = [f"{kind} - object" for kind in known.objects] + [f"{kind}Type - otype" for kind in known.objects]
    receptacles = sorted({*(f"{kind}Type - rtype" for kind in known.receptacles), *_NAMED_BY_DOMAIN})
    return ["agent1 - agent", *kinds, *receptacles]


def _symbols(receptacles: Sequence[PosedReceptacle], things: Sequence[Placed]) -> list[str]:
    return [f"{pddl_id(thing.id)} - object" for thing in things] + [
        f"{pddl_id(receptacle.id)} - receptacle" for receptacle in receptacles
    ]


def _facts(receptacles: Sequence[PosedReceptacle], things: Sequence[Placed], start: str) -> list[str]:
    """Return the initial facts of a home in PDDL."""
    known = classes()
    here, kinds = sorted({r.kind for r in receptacles}), sorted({thing.kind for thing in things})
    facts = [("receptacleType", r.id, f"{r.kind}Type") for r in receptacles]
    facts += [("objectType", thing.id, f"{thing.kind}Type") for thing in things]
    facts += [
        ("canContain", f"{home}Type", f"{kind}Type")
        for home in here
        for kind in kinds
        if kind in known.accepts.get(home, ())
    ]
    lists: list[tuple[str, ...]] = [("pickupable", thing.id) for thing in things if thing.portable]
    lists += [("isReceptacleObject", thing.id) for thing in things if thing.kind in known.containers]
    lists += [("openable", r.id) for r in receptacles if r.kind in known.openable]
    lists += [("atLocation", "agent1", start)]
    for predicate, feature in _FEATURES.items():
        lists += [(predicate, thing.id) for thing in things if thing.kind in known.having[feature]]
    lists += [("inReceptacle", thing.id, thing.receptacle.id) for thing in things if thing.receptacle]
    lists += [("receptacleAtLocation", r.id, r.place) for r in receptacles]
    lists += [("objectAtLocation", thing.id, thing.place) for thing in things]
    return [f"({' '.join((predicate, *map(pddl_id, ids)))})" for predicate, *ids in (*facts, *lists)]
