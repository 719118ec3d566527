"""Commands that solve a game, from knowledge of everything in the home."""

from __future__ import annotations

from collections.abc import Sequence

from agemem_env.engines.alfworld.homes.goal import STATIONS, Goal
from agemem_env.engines.alfworld.homes.house import House, Receptacle, Thing


class Walk:
    """Writes down the commands of somebody who walks through a home and remembers what is open."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._place = house.start
        self._open: set[str] = set()
        self.commands: list[str] = []

    def go(self, receptacle: Receptacle) -> None:
        """Go to a receptacle, unless already there; then the command would not be possible."""
        if self._place != receptacle.place:
            self._place = receptacle.place
            self.commands.append(f"go to {receptacle.name}")

    def reach(self, receptacle: Receptacle) -> None:
        """Go to a receptacle and open it if needed."""
        self.go(receptacle)
        if receptacle.openable and receptacle.id not in self._open:
            self._open.add(receptacle.id)
            self.commands.append(f"open {receptacle.name}")

    def take(self, thing: Thing) -> None:
        """Fetch a thing from where it is."""
        receptacle = self._house.receptacles[thing.receptacle or ""]
        self.reach(receptacle)
        self.commands.append(f"take {thing.name} from {receptacle.name}")


def script(house: House, goal: Goal) -> tuple[str, ...]:
    """Return commands that reach a goal, in the wording of ALFWorld 0.4 (``move X to Y``).

    Args:
        house: The home at its start; what the goal needs must be in it.
        goal: The goal.
    """
    walk = Walk(house)
    for thing in _targets(house, goal):
        walk.take(thing)
        if goal.treatment:
            station = _first(house, STATIONS[goal.task_type].receptacle.lower())
            walk.go(station)
            walk.commands.append(f"{goal.treatment} {thing.name} with {station.name}")
        if goal.receptacle:
            end = _first(house, goal.receptacle)
            walk.reach(end)
            walk.commands.append(f"move {thing.name} to {end.name}")
    if goal.lamp:
        lamp = next(t for t in house.things.values() if t.kind == goal.lamp and t.receptacle)
        walk.reach(house.receptacles[lamp.receptacle or ""])
        walk.commands.append(f"use {lamp.name}")
    return tuple(walk.commands)


def _targets(house: House, goal: Goal) -> Sequence[Thing]:
    things = house.things.values()
    found = [t for t in things if t.kind == goal.thing and t.receptacle and "pickupable" in t.properties]
    return found[: goal.count]


def _first(house: House, kind: str) -> Receptacle:
    return next(receptacle for receptacle in house.receptacles.values() if receptacle.kind == kind)
