"""Plain words for literals and actions, with which ``protocol="agemem"`` speaks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from agemem_env.engines.pddl.strips.parser import Atom, Schema

# An empty template: not worth a sentence.
_PLAIN: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "gripper": {
            "room": "{} is a room",
            "ball": "",
            "gripper": "",
            "at-robby": "the robot is in {}",
            "at": "{} lies in {}",
            "free": "gripper {} is free",
            "carry": "gripper {1} holds {0}",
        },
        "blockworld": {
            "clear": "{} is clear",
            "on-table": "{} stands on the table",
            "arm-empty": "the arm is empty",
            "holding": "the arm holds {}",
            "on": "{} stands on {}",
        },
        "barman": {
            "ontable": "{} stands on the table",
            "holding": "hand {} holds {}",
            "handempty": "hand {} is empty",
            "empty": "{} is empty",
            "contains": "{} contains {}",
            "clean": "{} is clean",
            "used": "{} was used for {}",
            "dispenses": "{} pours {}",
            "shaker-empty-level": "{} is empty at level {}",
            "shaker-level": "{} is filled to level {}",
            "next": "level {1} comes after level {0}",
            "unshaked": "{} is not shaken",
            "shaked": "{} is shaken",
            "cocktail-part1": "{} starts with {}",
            "cocktail-part2": "{} ends with {}",
        },
        "tyreworld": {
            "isopen": "{} is open",
            "closed": "{} is closed",
            "have": "you have {}",
            "in": "{} is kept in {}",
            "loose": "{} is loose on {}",
            "tight": "{} is tight on {}",
            "unlocked": "{} is unlocked",
            "on-ground": "{} is on the ground",
            "not-on-ground": "{} is jacked up",
            "inflated": "wheel {} is inflated",
            "not-inflated": "wheel {} is flat",
            "fastened": "{} is fastened",
            "unfastened": "{} is unfastened",
            "free": "{} has no wheel",
            "on": "wheel {} is on {}",
            "intact": "wheel {} is intact",
        },
    }
)

_WANTED = MappingProxyType({("blockworld", "on"): "{} belongs on {}", ("blockworld", "on-table"): "{} belongs below"})


def plain_literal(kind: str | None, atom: Atom) -> str:
    """Return the words for an atom, without a full stop; empty if it is not worth a sentence.

    >>> plain_literal("barman", ("holding", "left", "shot1")), plain_literal(None, ("on", "a", "b"))
    ('hand left holds shot1', 'on a b')
    """
    template = _PLAIN.get(kind or "", {}).get(atom[0])
    return " ".join(atom) if template is None else template.format(*atom[1:])


def wanted_literal(kind: str | None, atom: Atom) -> str:
    """Return the words for an atom of the goal.

    >>> wanted_literal("blockworld", ("on", "b1", "b2"))
    'b1 belongs on b2'
    """
    template = _WANTED.get((kind or "", atom[0]))
    return plain_literal(kind, atom) if template is None else template.format(*atom[1:])


def sentences(texts: Sequence[str]) -> str:
    """Return phrases as sentences, in order.

    >>> sentences(["the arm is empty", "", "b1 is clear"])
    'The arm is empty. B1 is clear.'
    """
    return " ".join(f"{text[0].upper()}{text[1:]}." for text in texts if text)


def usage(schema: Schema) -> str:
    """Return how an action is written.

    >>> usage(Schema("move", (("?from", "object"), ("?to", "object")), (), ()))
    'move FROM TO'
    """
    words = (variable[1:] if kind == "object" else kind for variable, kind in schema.parameters)
    return " ".join((schema.name, *(word.upper() for word in words)))
