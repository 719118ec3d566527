"""The expert: goes where it knows things to be, and searches the room like a person for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from copy import deepcopy
from dataclasses import dataclass

from agemem_env.engines.alfworld.homes.goal import Goal
from agemem_env.engines.alfworld.homes.house import House, Receptacle
from agemem_env.engines.alfworld.homes.situation import Situation

CLOSED_KINDS = frozenset({"cabinet", "drawer", "fridge", "microwave", "safe"})
"""Kinds of receptacles that mostly have to be opened: what everybody knows without having been there."""

_APPLIANCES = {"clean": ("sinkbasin", "sink"), "heat": ("microwave",), "cool": ("fridge",)}
_INSIDE = ("put", "take", "examine")
"""Verbs for which a receptacle has to be open."""

_MOST_STEPS = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do.

    Attributes:
        verb: ``go``, ``open``, ``examine``, ``take``, ``put``, ``use``, ``clean``, ``heat`` or ``cool``.
        receptacle: Id of the receptacle where.
        thing: Id of what is handled; empty for the first three verbs.
    """

    verb: str
    receptacle: str
    thing: str = ""


class Expert:
    """Decides what to do next in one game.

    Args:
        house: The home.
        goal: What is asked for.
    """

    def __init__(self, house: House, goal: Goal) -> None:
        self._house, self._goal = house, goal
        things = house.things.values()
        self._wanted = [t.id for t in things if t.kind == goal.thing and "pickupable" in t.properties]
        self._lamps = [t.id for t in things if t.kind == goal.lamp]
        self._ends = [r for r in house.receptacles.values() if r.kind == goal.receptacle]

    def believe(self, now: Situation, seen: Set[str], told: Mapping[str, str]) -> Situation:
        """Return the situation as far as the expert knows it.

        Args:
            now: The true situation.
            seen: Receptacles whose content has been seen; only there the truth is looked at.
            told: Things, mapped to the receptacle where somebody said they are.
        """
        where = {thing: there & seen for thing, there in now.where.items() if there & seen}
        for thing, receptacle in told.items():
            if receptacle not in seen and thing not in where and thing != now.held:
                where[thing] = {receptacle}
        return Situation(now.here, now.held, where, now.opened, now.treated, now.lit)

    def next_step(self, belief: Situation, seen: Set[str]) -> Step | None:
        """Return what to do next, or None if there is nothing left to try."""
        held, treatment = belief.held, self._goal.treatment
        if held is None:
            return self._fetch(belief, seen)
        if held not in self._wanted:
            kind = self._house.things[held].kind
            fitting = [r for r in self._house.receptacles.values() if kind in self._house.accepts.get(r.kind, ())]
            return self._do(belief, "put", self._nearest(belief, fitting), held)
        if self._goal.lamp:
            return self._light(belief, seen)
        if treatment and (held, treatment) not in belief.treated:
            kinds = _APPLIANCES[treatment]
            appliances = [r for r in self._house.receptacles.values() if r.kind in kinds]
            return self._do(belief, treatment, self._nearest(belief, appliances), held)
        return self._do(belief, "put", self._end(belief), held)

    def plan(self, start: Situation, told: Mapping[str, str]) -> list[Step]:
        """Return the whole way to the goal for somebody who knows where the needed things are.

        Args:
            start: The true situation.
            told: Where the needed things are.

        Returns:
            The steps; empty if what is told is not enough.
        """
        belief = deepcopy(self.believe(start, frozenset(), told))
        everything = frozenset(self._house.receptacles)  # so that it never searches
        steps: list[Step] = []
        while not self._reached(belief):
            step = self.next_step(belief, everything)
            if step is None or len(steps) == _MOST_STEPS:
                return []
            steps.append(step)
            self._imagine(belief, step)
        return steps

    def _light(self, belief: Situation, seen: Set[str]) -> Step | None:
        """Take what is in the hand to a lamp and switch it on."""
        lamp = next((lamp for lamp in self._lamps if belief.where.get(lamp)), None)
        if lamp is None:
            return self._search(belief, seen)
        receptacle = self._house.receptacles[min(belief.where[lamp])]
        return self._do(belief, "use", receptacle, lamp)

    def _fetch(self, belief: Situation, seen: Set[str]) -> Step | None:
        """Take one of the wanted things, the one at hand if possible."""
        end = self._end(belief)
        there = {end.id} if end is not None and self._goal.count == 2 else set()
        known = [
            (thing, self._house.receptacles[receptacle])
            for thing in self._wanted
            if belief.where.get(thing, set()).isdisjoint(there)
            for receptacle in sorted(belief.where.get(thing, ()))
        ]
        if not known:
            return self._search(belief, seen)
        thing, receptacle = min(known, key=lambda pair: self._effort(belief, pair[1]))
        return self._do(belief, "take", receptacle, thing)

    def _search(self, belief: Situation, seen: Set[str]) -> Step | None:
        """Look into the next receptacle: one within reach, or else in the order in which the room is described."""
        unseen = [receptacle for receptacle in self._house.receptacles.values() if receptacle.id not in seen]
        if not unseen:
            return None
        receptacle = min(unseen, key=lambda receptacle: receptacle.place != belief.here)
        return self._do(belief, "examine", receptacle)

    def _end(self, belief: Situation) -> Receptacle | None:
        """Return the receptacle where the things are to be put: the one that holds most of them already."""
        there = {r.id: sum(r.id in belief.where.get(thing, ()) for thing in self._wanted) for r in self._ends}
        most = max(there.values(), default=0)
        return self._nearest(belief, [receptacle for receptacle in self._ends if there[receptacle.id] == most])

    def _nearest(self, belief: Situation, receptacles: Sequence[Receptacle]) -> Receptacle | None:
        return min(receptacles, key=lambda receptacle: self._effort(belief, receptacle), default=None)

    def _effort(self, belief: Situation, receptacle: Receptacle) -> int:
        """Return how much has to be done before one can reach into a receptacle, as far as common sense tells."""
        return 2 * (receptacle.place != belief.here) + (
            receptacle.kind in CLOSED_KINDS and receptacle.id not in belief.opened
        )

    def _do(self, belief: Situation, verb: str, receptacle: Receptacle | None, thing: str = "") -> Step | None:
        """Return the step itself, or what has to be done before it; None if there is no receptacle for it."""
        if receptacle is None:
            return None
        if receptacle.place != belief.here:
            return Step("go", receptacle.id)
        if verb in _INSIDE and receptacle.openable and receptacle.id not in belief.opened:
            return Step("open", receptacle.id)
        return Step(verb, receptacle.id, thing)

    def _reached(self, belief: Situation) -> bool:
        goal, where = self._goal, belief.where
        if goal.lamp:
            lit = {receptacle for lamp in self._lamps if lamp in belief.lit for receptacle in where.get(lamp, ())}
            return belief.held in self._wanted and belief.here in {self._house.receptacles[r].place for r in lit}
        done = [t for t in self._wanted if not goal.treatment or (t, goal.treatment) in belief.treated]
        return any(sum(end.id in where.get(thing, ()) for thing in done) >= goal.count for end in self._ends)

    def _imagine(self, belief: Situation, step: Step) -> None:
        """Change a belief by what a step does."""
        match step.verb:
            case "go":
                belief.here = self._house.receptacles[step.receptacle].place
            case "open":
                belief.opened.add(step.receptacle)
            case "take":
                belief.held = step.thing
                belief.where[step.thing].discard(step.receptacle)
            case "put":
                belief.held = None
                belief.where.setdefault(step.thing, set()).add(step.receptacle)
            case "use":
                belief.lit.add(step.thing)
            case _:
                belief.treated.add((step.thing, step.verb))
