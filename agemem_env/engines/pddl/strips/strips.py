"""The engine: a problem as bit masks. A state is one Python integer, a bit per atom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from agemem_env.engines.bits import bits_of
from agemem_env.engines.pddl.strips.grounding import Grounded, ground
from agemem_env.engines.pddl.strips.parser import Atom, Domain, Problem

State = int
"""A set of atoms: bit ``i`` is set if ``StripsWorld.atoms[i]`` holds."""


class Action(NamedTuple):
    """A ground action.

    Attributes:
        name: The schema's name.
        arguments: Objects, in the order of the parameters.
        needs: Mask of the atoms that must hold.
        forbids: Mask of the atoms that must not hold.
        adds: Mask of the atoms that hold afterwards.
        keeps: Mask of the atoms that are not deleted.
    """

    name: str
    arguments: tuple[str, ...]
    needs: State
    forbids: State
    adds: State
    keeps: State


class StripsWorld:
    """A grounded problem.

    Args:
        domain: The domain.
        problem: One of its problems.
        assumed: Atoms that count as possible at the start although they may be false.
        distinct: Leave out actions that have the same object for two parameters.
    """

    def __init__(
        self, domain: Domain, problem: Problem, assumed: Sequence[Atom] = (), *, distinct: bool = False
    ) -> None:
        self.domain, self.problem = domain, problem
        grounded = ground(domain, problem, assumed, distinct=distinct)
        goal = [literal.atom for literal in problem.goal]
        self.atoms: tuple[Atom, ...] = tuple(_in_order([*problem.init, *assumed, *goal], grounded))
        self.bit: dict[Atom, State] = {atom: 1 << i for i, atom in enumerate(self.atoms)}
        self.init: State = self.mask(problem.init)
        self._grounded = grounded
        self._bits = [self.bit.get(atom, 0) for atom in grounded.atoms]  # 0: only instances out of reach have it
        self._count = len(grounded.instances)
        self.objects = dict([*domain.constants.items(), *problem.objects])
        self.goal_needs = self.mask(literal.atom for literal in problem.goal if literal.positive)
        self.goal_forbids = self.mask(literal.atom for literal in problem.goal if not literal.positive)
        self.goal_size = len(problem.goal)

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """All actions."""
        return tuple(map(self.action, range(self._count)))

    @cached_property
    def index(self) -> dict[tuple[str, ...], int]:
        """Name and arguments -> place in `actions`."""
        return {(action.name, *action.arguments): i for i, action in enumerate(self.actions)}

    @cached_property
    def commands(self) -> tuple[str, ...]:
        """The actions as commands."""
        return tuple([" ".join((action.name, *action.arguments)) for action in self.actions])

    def action(self, index: int) -> Action:
        """Return one of `actions` without making the others: of many problems nothing but a plan is looked at."""
        if "actions" in vars(self):
            return self.actions[index]
        instance, bits = self._grounded.instances[index], self._bits
        needs, forbids, adds, deletes = [sum([bits[i] for i in part]) for part in instance.parts]
        arguments = tuple([self._grounded.objects[i] for i in instance.arguments])
        return Action(instance.name, arguments, needs, forbids, adds, ~deletes)

    def __getstate__(self) -> dict[str, Any]:
        """Return the world with its actions, without what they are made of."""
        parts = ("_grounded", "_bits", "commands")
        return {**{name: value for name, value in vars(self).items() if name not in parts}, "actions": self.actions}

    def mask(self, atoms: Iterable[Atom]) -> State:
        """Return the set of some atoms."""
        state = 0
        for atom in atoms:
            state |= self.bit[atom]
        return state

    def members(self, state: State) -> Iterator[Atom]:
        """Yield the atoms of a state, in the order of `atoms`."""
        return (self.atoms[i] for i in bits_of(state))

    def applicable(self, state: State) -> list[int]:
        """Return the indices of the applicable actions, ascending."""
        found = [
            i
            for key, bucket in self._buckets
            if state & key == key
            for needs, forbids, i in bucket
            if state & needs == needs and not state & forbids
        ]
        found.sort()
        return found

    def allows(self, state: State, action: int) -> bool:
        """Return whether an action is applicable."""
        ground_action = self.actions[action]
        return state & ground_action.needs == ground_action.needs and not state & ground_action.forbids

    def apply(self, state: State, action: int) -> State:
        """Return the state after an applicable action; deletions come before additions."""
        ground_action = self.actions[action]
        return state & ground_action.keeps | ground_action.adds

    def run(self, start: State, steps: Iterable[int]) -> State | None:
        """Return the state after some actions; None if one of them is not applicable or there is none of this index."""
        state = start
        for index in steps:
            if not 0 <= index < self._count:
                return None
            action = self.action(index)
            if state & action.needs != action.needs or state & action.forbids:
                return None
            state = state & action.keeps | action.adds
        return state

    def met(self, state: State) -> int:
        """Return how many literals of the goal hold."""
        return (state & self.goal_needs).bit_count() + (~state & self.goal_forbids).bit_count()

    def solved(self, state: State) -> bool:
        """Return whether the goal holds."""
        return state & self.goal_needs == self.goal_needs and not state & self.goal_forbids

    @cached_property
    def _buckets(self) -> list[tuple[State, list[tuple[State, State, int]]]]:
        """Each action under the precondition that is rarest: few buckets are open in any state.

        Sorted when somebody asks for actions: of many problems nothing but what is told in stage 1 is needed.
        """
        declared: dict[str, int] = {}
        initial: dict[str, int] = {}
        for atom in self.atoms:
            declared[atom[0]] = declared.get(atom[0], 0) + 1
            initial[atom[0]] = initial.get(atom[0], 0) + bool(self.init & self.bit[atom])
        shares = [(1 + initial[atom[0]]) / declared[atom[0]] for atom in self.atoms]
        buckets: dict[State, list[tuple[State, State, int]]] = {}
        for i, action in enumerate(self.actions):
            rarest = min(bits_of(action.needs), key=shares.__getitem__, default=None)
            key = 0 if rarest is None else 1 << rarest
            buckets.setdefault(key, []).append((action.needs & ~key, action.forbids, i))
        return list(buckets.items())


def _in_order(first: Sequence[Atom], grounded: Grounded) -> Iterable[Atom]:
    """Return the atoms of a problem: the given ones, then those of the actions, in their order."""
    found = dict.fromkeys(first)
    open_bits = 0
    for i, atom in enumerate(grounded.atoms):
        if atom not in found:
            open_bits |= 1 << i
    for instance in grounded.instances:
        for part in instance.masks:
            new = part & open_bits
            if new:
                found.update(dict.fromkeys(sorted([grounded.atoms[i] for i in bits_of(new)])))
                open_bits &= ~new
    return found
