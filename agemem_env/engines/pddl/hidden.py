"""What the state text of stage 3 leaves out until the agent has seen it, when the facts were told in stage 1.

| domain | hidden | seen when |
|---|---|---|
| gripper | the room of each ball outside the robot's first room | the robot is in a room |
| barman | both parts of each recipe; the ingredient of each dispenser | an action that needs the literal was tried |
| tyreworld | what lies in each closed container; the hub of each tight nut | it is open; a nut was tried |
| blockworld | a part of the goal | the part has been fulfilled |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from agemem_env.engines.pddl.strips.parser import Atom, Domain, Problem
from agemem_env.engines.pddl.strips.strips import State, StripsWorld

Group = tuple[Atom, ...]
"""Atoms of which exactly one holds at the start."""


@dataclass(frozen=True)
class Secrets:
    """The hidden literals of a world as bit masks.

    Attributes:
        groups: Bits of atoms of which exactly one holds at the start, in the order in which they are tried.
        unknown: All bits of the groups.
        shown_by: Pairs of a bit and the bits that can be seen while it holds.
        goals: Hidden literals of the goal.
        rivals: Bit -> the bits that cannot hold together with it at the start.
    """

    groups: tuple[tuple[State, ...], ...] = ()
    unknown: State = 0
    shown_by: tuple[tuple[State, State], ...] = ()
    goals: State = 0
    rivals: Mapping[State, State] = field(default_factory=dict)

    def look(self, state: State, seen: State) -> State:
        """Return what is seen after a look around: all that shows, and the groups whose true atom is seen."""
        for bit, shown in self.shown_by:
            if state & bit:
                seen |= shown
        for group in self.groups:
            for bit in group:
                if bit & state & seen:
                    seen |= sum(group)
                    break
        return seen


def secret_groups(kind: str | None, domain: Domain, problem: Problem) -> list[Group]:
    """Return the groups of a problem, candidates in the order of its objects."""
    finder = _FINDERS.get(kind or "")
    return finder(_Facts(domain, problem)) if finder else []


def make_secrets(kind: str | None, world: StripsWorld, groups: Iterable[Group], goals: Iterable[Atom] = ()) -> Secrets:
    """Return the secrets of a world that was made with these groups as assumed atoms."""
    bits = tuple(tuple(world.bit[atom] for atom in group) for group in groups)
    rivals: dict[State, State] = {}
    for group in bits:
        for bit in group:
            rivals[bit] = rivals.get(bit, 0) | (sum(group) & ~bit)
    for atom in world.atoms:
        if atom[0] == "cocktail-part1":  # a cocktail has two different parts
            other = world.bit.get(("cocktail-part2", *atom[1:]), 0)
            bit = world.bit[atom]
            if bit in rivals and other in rivals:
                rivals[bit] |= other
                rivals[other] |= bit
    unknown = 0
    for bit in rivals:
        unknown |= bit
    return Secrets(bits, unknown, tuple(_shown_by(kind, world, unknown)), world.mask(goals), rivals)


class _Facts:
    """The initial facts of a problem by predicate, and its objects by type."""

    def __init__(self, domain: Domain, problem: Problem) -> None:
        self.by_predicate: dict[str, list[Atom]] = {}
        for atom in problem.init:
            self.by_predicate.setdefault(atom[0], []).append(atom)
        self._objects = [*domain.constants.items(), *problem.objects]
        self._domain = domain

    def of(self, predicate: str) -> list[Atom]:
        return self.by_predicate.get(predicate, [])

    def typed(self, kind: str) -> list[str]:
        return [name for name, own in self._objects if self._domain.is_a(own, kind)]

    def owners(self, predicate: str, place: int) -> list[str]:
        """Return the objects that stand in exactly one fact, at this place."""
        found = [atom[place] for atom in self.of(predicate)]
        return [name for name in dict.fromkeys(found) if found.count(name) == 1]


def _gripper(facts: _Facts) -> list[Group]:
    here = {atom[1] for atom in facts.of("at-robby")}
    rooms = [atom[1] for atom in facts.of("room") if atom[1] not in here]
    away = {atom[1] for atom in facts.of("at") if atom[2] not in here}
    return [tuple(("at", ball, room) for room in rooms) for ball in facts.owners("at", 1) if ball in away]


def _barman(facts: _Facts) -> list[Group]:
    ingredients = facts.typed("ingredient")
    parts: list[Group] = [
        tuple((predicate, cocktail, i) for i in ingredients)
        for cocktail in facts.typed("cocktail")
        for predicate in ("cocktail-part1", "cocktail-part2")
        if cocktail in facts.owners(predicate, 1)
    ]
    dispensers, sold = facts.owners("dispenses", 1), facts.owners("dispenses", 2)
    if len(dispensers) != len(facts.of("dispenses")):
        return parts
    by_dispenser: list[Group] = [tuple(("dispenses", d, i) for i in ingredients) for d in dispensers]
    by_ingredient: list[Group] = [tuple(("dispenses", d, i) for d in dispensers) for i in sold]
    return [*parts, *by_dispenser, *by_ingredient]


def _tyreworld(facts: _Facts) -> list[Group]:
    closed = [atom[1] for atom in facts.of("closed")]
    stowed = [atom[1] for atom in facts.of("in") if atom[2] in closed]
    nuts, hubs = facts.owners("tight", 1), facts.owners("tight", 2)
    groups: list[Group] = [
        tuple(("in", thing, c) for c in closed) for thing in stowed if thing in facts.owners("in", 1)
    ]
    groups += [tuple(("tight", nut, hub) for hub in hubs) for nut in nuts]
    groups += [tuple(("tight", nut, hub) for nut in nuts) for hub in hubs]
    return groups


_FINDERS = {"gripper": _gripper, "barman": _barman, "tyreworld": _tyreworld}
_SIGHT = {"gripper": ("at-robby", "at"), "tyreworld": ("isopen", "in")}


def _shown_by(kind: str | None, world: StripsWorld, unknown: State) -> Iterable[tuple[State, State]]:
    """Yield pairs such as: the robot is in a room, which balls lie in that room."""
    if kind not in _SIGHT:
        return
    condition, shown = _SIGHT[kind]
    for atom in world.atoms:
        if atom[0] == condition:
            inside = world.mask(a for a in world.atoms if a[0] == shown and a[2] == atom[1]) & unknown
            if inside:
                yield world.bit[atom], inside
