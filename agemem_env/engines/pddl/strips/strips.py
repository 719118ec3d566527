"""The engine: a problem as bit masks. A state is one Python integer, a bit per atom."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

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
        self.actions: tuple[Action, ...] = tuple(self._actions(grounded))
        self.index = {(action.name, *action.arguments): i for i, action in enumerate(self.actions)}
        self.objects = dict([*domain.constants.items(), *problem.objects])
        self.goal_needs = self.mask(literal.atom for literal in problem.goal if literal.positive)
        self.goal_forbids = self.mask(literal.atom for literal in problem.goal if not literal.positive)
        self.goal_size = len(problem.goal)

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
        for action in steps:
            if not 0 <= action < len(self.actions) or not self.allows(state, action):
                return None
            state = self.apply(state, action)
        return state

    def met(self, state: State) -> int:
        """Return how many literals of the goal hold."""
        return (state & self.goal_needs).bit_count() + (~state & self.goal_forbids).bit_count()

    def solved(self, state: State) -> bool:
        """Return whether the goal holds."""
        return state & self.goal_needs == self.goal_needs and not state & self.goal_forbids

    def _actions(self, grounded: Grounded) -> Iterator[Action]:
        bits = [self.bit.get(atom, 0) for atom in grounded.atoms]  # 0: only instances out of reach have it
        names = grounded.objects
        for instance in grounded.instances:
            needs, forbids, adds, deletes = [sum([bits[i] for i in part]) for part in instance.parts]
            yield Action(instance.name, tuple([names[i] for i in instance.arguments]), needs, forbids, adds, ~deletes)

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
