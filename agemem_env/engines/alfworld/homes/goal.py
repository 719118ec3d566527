"""The goal of a game, read from its problem file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from agemem_env.errors import DataError

Treatment = Literal["", "clean", "heat", "cool"]

_GOAL = re.compile(r"\(:goal\b(.*)", re.DOTALL)
_THING = re.compile(r"\(objecttype\s+\?(\w+)\s+(\w+?)type\)")
_PLACE = re.compile(r"\(receptacletype\s+\?\w+\s+(\w+?)type\)")
_LAMP = re.compile(r"\(istoggled\s+\?(\w+)\)")
_TREATMENTS: tuple[tuple[str, Treatment], ...] = (("isclean", "clean"), ("ishot", "heat"), ("iscool", "cool"))
_KINDS = {
    "": "pick_and_place_simple",
    "clean": "pick_clean_then_place_in_recep",
    "heat": "pick_heat_then_place_in_recep",
    "cool": "pick_cool_then_place_in_recep",
}


@dataclass(frozen=True, slots=True)
class Errand:
    """What a game asks for. Kinds are in lower case, as in their names ("mug", "countertop").

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
        """ALFRED's name of the type of task.

        >>> Errand("mug", "desk", count=2).task_type
        'pick_two_obj_and_place'
        """
        if self.lamp:
            return "look_at_obj_in_light"
        return "pick_two_obj_and_place" if self.count == 2 else _KINDS[self.treatment]


def read_errand(problem: str) -> Errand:
    """Return the goal of a problem in PDDL.

    Raises:
        DataError: If it is none of the six types of goal.

    >>> read_errand("(:goal (exists (?r - receptacle) (exists (?o - object) (and (inReceptacle ?o ?r)"
    ... "(objectType ?o MugType) (receptacleType ?r DeskType) (isClean ?o)))))")
    Errand(thing='mug', receptacle='desk', treatment='clean', count=1, lamp='')
    """
    match = _GOAL.search(problem.lower())
    body = match[1] if match else ""
    things = dict(_THING.findall(body))
    places = set(_PLACE.findall(body))
    lamp = _LAMP.search(body)
    if lamp and lamp[1] in things:
        kinds = [kind for variable, kind in things.items() if variable != lamp[1]]
        if len(kinds) == 1:
            return Errand(kinds[0], lamp=things[lamp[1]])
    elif len(set(things.values())) == 1 and len(places) == 1 and len(things) <= 2 and "(issliced" not in body:
        treatment: Treatment = next((name for mark, name in _TREATMENTS if f"({mark}" in body), "")
        return Errand(next(iter(things.values())), places.pop(), treatment, len(things))
    raise DataError("the goal of this game is none of ALFWorld's six types of task")
