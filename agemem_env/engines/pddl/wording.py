"""Texts of literals and actions: AgentBoard's for ``protocol="agentboard"``, plainer ones for ``"agemem"``.

AgentBoard's templates have one table for all its domains, which is why some read oddly; they are reproduced as its
protocol has them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from agemem_env.engines.pddl.strips.parser import Atom, Literal, Schema

AGENTBOARD_LITERALS: Mapping[str, str] = MappingProxyType(
    {
        "ball": "{} is a ball. ",
        "gripper": "{} is a gripper. ",
        "at-robby": "Robby is at {}. ",
        "at": "{} is at {}. ",
        "free": "{} is free. ",
        "carry": "{} is carrying {}. ",
        "clear": "The {} is clear.",
        "on-table": "{} is on the table.",
        "arm-empty": "Your arm is empty.",
        "holding": "You are holding {}. ",
        "on": "{} is on {}.",
        "ontable": "{} is on the table. ",
        "empty": "{} is empty. ",
        "contains": "{} contains {}. ",
        "clean": "{} is clean. ",
        "used": "Pour {} from a shot glass to a used shaker {}",
        "dispenses": "{} dispenses {}. ",
        "shaker-empty-level": "{} is at empty level {}. ",
        "shaker-level": "{} is at level {}. ",
        "next": "level {} is next to level {}. ",
        "unshaked": "{} is unshaked. ",
        "shaked": "{} is shaked. ",
        "cocktail-part1": "{} part1 ingredient is {}. ",
        "cocktail-part2": "{} part2 ingredient is {}. ",
        "isopen": "{} is open.",
        "closed": "{} is closed.",
        "have": "You have {}.",
        "in": "{} is in {}.",
        "loose": "The nut {} on the hub {} is loose.",
        "tight": "The nut {} on the hub {} is tight.",
        "unlocked": "{} is unlocked.",
        "on-ground": "Hub {} is on the ground.",
        "not-on-ground": "Hub {} is not on the ground.",
        "inflated": "Wheel {} is inflated.",
        "not-inflated": "Wheel {} is not inflated.",
        "fastened": "Hub {} is fastened.",
        "unfastened": "Hub {} is unfastened.",
        "intact": "Wheel {} is intact.",
    }
)

AGENTBOARD_ACTIONS: Mapping[str, str] = MappingProxyType(
    {
        "move": "Move from {} to {}. ",
        "pick": "Pick up {} at {} with arm {}. ",
        "pickup": "Pickup {}.",
        "putdown": "Putdown {}.",
        "stack": "Stack {} on {}.",
        "unstack": "Unstack {} from {}.",
        "grasp": "{} grasp {}. ",
        "leave": "{} leave {}. ",
        "fill-shot": "fill-shot glass {} with {} with {} and {} holding {}. ",
        "refill-shot": "refill-shot {} with {} with {} and {} holding {}. ",
        "empty-shot": "use hand {} to empty-shot glass {} with beverage {}. ",
        "clean-shot": "clean-shot glass {} with {} with hand {} holding shot glass and {}. ",
        "pour-shot-to-clean-shaker": "pour-shot-to-clean-shaker from a shot glass {} with {} to a clean shaker {} "
        "with hand {} from level {} to level {}",
        "pour-shot-to-used-shaker": "pour-shot-to-used-shaker from a shot glass {} with {} to a used shaker {} "
        "with hand {} from level {} to level {}",
        "empty-shaker": "use hand {} to empty-shaker {} with ingredient {} from level {} to level {}.",
        "clean-shaker": "use hand {} and hand {} to clean-shaker {}",
        "shake": "shake a cocktail {} with ingredient {} and ingredient {} in a shaker {} with hand {} and hand {}",
        "pour-shaker-to-shot": "pour-shaker-to-shot to a shot glass {} the ingredient {} with hand {} from shaker {} "
        "from level {} to level {}",
        "open": "Open {}.",
        "close": "Close {}.",
        "fetch": "Fetch {} from {}.",
        "put-away": "Put-away {} in {}.",
        "loosen": "Loosen the nut {} on the hub {}.",
        "tighten": "Tighten the nut {} on the hub {}.",
        "jack-up": "jack-up the hub {}.",
        "jack-down": "Jack-down the hub {}.",
        "undo": "Undo the fastening of the nut {} on the hub {}.",
        "do-up": "Do-up the nut {} on the hub {}.",
        "remove-wheel": "Remove-wheel {} from the hub {}.",
        "put-on-wheel": "put-on-wheel {} on the hub {}.",
        "inflate": "Inflate the wheel {}.",
    }
)

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


def agentboard_literal(atom: Atom) -> str:
    """Return AgentBoard's text of an atom.

    >>> agentboard_literal(("at", "ball1", "rooma")), agentboard_literal(("room", "rooma"))
    ('ball1 is at rooma. ', 'room rooma')
    """
    return AGENTBOARD_LITERALS.get(atom[0], " ".join(atom)).format(*atom[1:])


def agentboard_action(name: str, arguments: Sequence[str]) -> str:
    """Return AgentBoard's text of an action.

    >>> agentboard_action("stack", ("b1", "b2"))
    'Stack b1 on b2.'
    """
    return AGENTBOARD_ACTIONS.get(name, " ".join((name, *arguments))).format(*arguments)


def agentboard_goal(goal: Sequence[Literal]) -> str:
    """Return AgentBoard's text of a goal."""
    texts = sorted(agentboard_literal(p.atom) if p.positive else f"not {agentboard_literal(p.atom)}" for p in goal)
    return f"The goal is to satisfy the following conditions: {', '.join(texts)}"


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
