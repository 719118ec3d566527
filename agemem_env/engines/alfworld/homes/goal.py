"""What an ALFWorld game asks for, read from its problem."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from agemem_env.errors import DataError

Treatment = Literal["", "clean", "heat", "cool"]

TREATMENTS: Mapping[str, Treatment] = MappingProxyType({"isclean": "clean", "ishot": "heat", "iscool": "cool"})
"""Predicate, in lower case -> the command that makes it true of a thing."""

TASK_TYPES = (
    "pick_and_place_simple",
    "look_at_obj_in_light",
    "pick_clean_then_place_in_recep",
    "pick_heat_then_place_in_recep",
    "pick_cool_then_place_in_recep",
    "pick_two_obj_and_place",
)
"""ALFRED's names of the six task types, in ALFWorld's order."""


@dataclass(frozen=True, slots=True)
class Station:
    """Where an object is changed: the command, the class of the receptacle, and what the object has to be."""

    command: Treatment
    receptacle: str
    feature: str


STATIONS: Mapping[str, Station] = MappingProxyType(
    {
        "pick_clean_then_place_in_recep": Station("clean", "SinkBasin", "Cleanable"),
        "pick_heat_then_place_in_recep": Station("heat", "Microwave", "Heatable"),
        "pick_cool_then_place_in_recep": Station("cool", "Fridge", "Coolable"),
    }
)
"""Task type -> station, for those that have one."""

_TASK_TYPES = {"": "pick_and_place_simple", **{station.command: name for name, station in STATIONS.items()}}
_GOAL_TEXT = re.compile(r"Your task is to: ((?:[^\"\\]|\\.)*)")
_GOAL = re.compile(r"\(:goal\b(.*)", re.DOTALL)
_THING = re.compile(r"\(objecttype\s+\?(\w+)\s+(\w+?)type\)")
_PLACE = re.compile(r"\(receptacletype\s+\?\w+\s+(\w+?)type\)")
_LAMP = re.compile(r"\(istoggled\s+\?(\w+)\)")


@dataclass(frozen=True, slots=True)
class Goal:
    """What a game asks for. Kinds are in lower case, as in the names of things ("mug", "countertop").

    Attributes:
        thing: Kind of the things to be handled.
        receptacle: Kind of the receptacle where they belong; empty if the thing is to be looked at.
        treatment: What is to be done to the thing first.
        count: How many are to be put into one of them.
        lamp: Kind of the lamp under which the thing is to be looked at; empty for the other tasks.
    """

    thing: str
    receptacle: str = ""
    treatment: Treatment = ""
    count: int = 1
    lamp: str = ""

    @property
    def task_type(self) -> str:
        """One of `TASK_TYPES`.

        >>> Goal("mug", "desk", count=2).task_type
        'pick_two_obj_and_place'
        """
        if self.lamp:
            return "look_at_obj_in_light"
        return "pick_two_obj_and_place" if self.count == 2 else _TASK_TYPES[self.treatment]


def read_goal(problem: str) -> Goal:
    """Return the goal of a problem in PDDL.

    Raises:
        DataError: If it is none of the six types of goal.

    >>> read_goal("(:goal (exists (?r - receptacle) (exists (?o - object) (and (inReceptacle ?o ?r)"
    ... "(objectType ?o MugType) (receptacleType ?r DeskType) (isClean ?o)))))")
    Goal(thing='mug', receptacle='desk', treatment='clean', count=1, lamp='')
    """
    match = _GOAL.search(problem.lower())
    body = match[1] if match else ""
    things = dict(_THING.findall(body))
    places = set(_PLACE.findall(body))
    lamp = _LAMP.search(body)
    if lamp and lamp[1] in things:
        kinds = [kind for variable, kind in things.items() if variable != lamp[1]]
        if len(kinds) == 1:
            return Goal(kinds[0], lamp=things[lamp[1]])
    elif len(set(things.values())) == 1 and len(places) == 1 and len(things) <= 2 and "(issliced" not in body:
        treatment: Treatment = next((name for mark, name in TREATMENTS.items() if f"({mark}" in body), "")
        return Goal(next(iter(things.values())), places.pop(), treatment, len(things))
    raise DataError("the goal of this game is none of ALFWorld's six types of task")


def goal_text(grammar: str) -> str:
    """Return the wish in a game's grammar.

    Raises:
        DataError: If there is none.

    >>> goal_text('"rhs": "Your task is to: put a mug in desk."')
    'put a mug in desk.'
    """
    match = _GOAL_TEXT.search(grammar)
    if match is None:
        raise DataError("the grammar of this game says nothing about its task")
    return match[1].strip()
