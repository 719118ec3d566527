"""Greedy best-first search with the FF heuristic: plans for limits, for generation and for the expert.

What it finds is made shorter by `agemem_env.engines.pddl.improving`.

Reference: Hoffmann and Nebel, "The FF Planning System", JAIR 14 (2001): the heuristic is the length of a plan of the
problem without deletions, and actions that begin such a plan are preferred.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from itertools import count

from agemem_env.engines.bits import bits_of
from agemem_env.engines.pddl.strips.improving import WORK, improve
from agemem_env.engines.pddl.strips.strips import State, StripsWorld

MAX_EVALUATIONS = 20_000
"""States that a search looks at before it gives up."""

_GIVEN, _UNREACHED = -1, -2
"""In the place of the action that makes an atom true: it holds already, or nothing makes it true."""


class Planner:
    """Searches plans in one world. Deterministic: equal questions have equal answers.

    Args:
        world: The world.
    """

    def __init__(self, world: StripsWorld) -> None:
        self._world = world
        self._width = len(world.atoms)
        self._needs = [bits_of(action.needs) for action in world.actions]
        self._adds = [bits_of(action.adds) for action in world.actions]
        self._users: list[list[int]] = [[] for _ in range(self._width)]
        for i, needs in enumerate(self._needs):
            for atom in needs:
                self._users[atom].append(i)
        self._counts = [len(needs) for needs in self._needs]
        self._from_nothing: dict[int, int] = {}  # atom -> the first action that makes it true and needs nothing
        for i, needs in enumerate(self._needs):
            if not needs:
                self._from_nothing.update((atom, i) for atom in self._adds[i] if atom not in self._from_nothing)

    def plan(
        self, start: State, goal: State, avoid: State = 0, max_evaluations: int = MAX_EVALUATIONS, work: int = WORK
    ) -> tuple[int, ...] | None:
        """Return the actions of a plan, or None if none was found.

        Args:
            start: State to start from.
            goal: Atoms that must hold at the end.
            avoid: Atoms that must not hold at the end.
            max_evaluations: States to look at before giving up; again for each literal of the goal if the whole goal
                is too much at once and its literals are made true one after the other.
            work: What may be spent on making the plan shorter, see `improve`.
        """
        steps = self._search(start, goal, avoid, max_evaluations)
        if steps is None and goal.bit_count() > 1 and not avoid:
            steps = self._in_turn(start, goal, max_evaluations)
        if steps is None:
            return None
        short = self._shorten(start, goal, avoid, steps)
        return tuple(improve(self._world, self, start, goal, avoid, short, work))

    def estimate(self, state: State, wanted: Sequence[int]) -> tuple[int | None, set[int]]:
        """Return the length of a plan without deletions and its applicable actions; None for no plan.

        Args:
            state: State to start from.
            wanted: Indices of the atoms that must hold at the end.
        """
        return self._relaxed(state, wanted)

    def _in_turn(self, start: State, goal: State, max_evaluations: int) -> list[int] | None:
        """Make the literals of a goal true one by one, keeping those that are true."""
        steps: list[int] = []
        state, reached = start, start & goal
        while reached != goal:
            for atom in bits_of(goal & ~reached):
                further = self._search(state, reached | 1 << atom, 0, max_evaluations)
                if further is not None:
                    break
            else:
                return None
            for action in further:
                state = self._world.apply(state, action)
            steps += further
            reached = state & goal
        return steps

    def _search(self, start: State, goal: State, avoid: State, max_evaluations: int) -> list[int] | None:
        """Search best first; return the plan, or None within the limit of states."""
        world, order = self._world, count()
        parents: dict[State, tuple[State, int] | None] = {start: None}
        wanted = bits_of(goal)
        queue: list[tuple[int, int, int, State]] = [(0, 0, next(order), start)]
        evaluated = 0
        while queue and evaluated < max_evaluations:
            _, depth, _, state = heapq.heappop(queue)
            if state & goal == goal and not state & avoid:
                return _trace(parents, state)
            evaluated += 1
            estimate, preferred = self._relaxed(state, wanted)
            if estimate is None:
                continue
            for action in world.applicable(state):
                following = world.apply(state, action)
                if following in parents:
                    continue
                parents[following] = (state, action)
                # The state is judged by its parent until its turn comes; actions outside the relaxed plan wait.
                rank = 2 * estimate + depth // 4 + (0 if action in preferred else 8)
                heapq.heappush(queue, (rank, depth + 1, next(order), following))
        return None

    def _relaxed(self, state: State, wanted: Sequence[int]) -> tuple[int | None, set[int]]:
        """Return the length of a plan without deletions and its applicable actions; None for no plan."""
        reached = bits_of(state)
        supporter, first = self._reach(reached, wanted)
        if any(supporter[atom] == _UNREACHED for atom in wanted):
            return None, set()
        chosen: set[int] = set()
        stack = [atom for atom in wanted if supporter[atom] >= 0]
        while stack:
            action = supporter[stack.pop()]
            if action not in chosen:
                chosen.add(action)
                stack += [atom for atom in self._needs[action] if supporter[atom] >= 0]
        return len(chosen), chosen & first | {a for a in chosen if not self._needs[a]}

    def _reach(self, reached: list[int], wanted: Sequence[int]) -> tuple[list[int], set[int]]:
        """Find out how atoms come true if nothing is ever deleted, until all wanted ones have.

        Args:
            reached: The atoms that hold; those that come true are added to it.
            wanted: The atoms of the goal.

        Returns:
            For each atom the action that makes it true first, `_GIVEN` or `_UNREACHED`; and the actions that are
            applicable at once, of those that need anything.
        """
        supporter = [_UNREACHED] * self._width
        for atom in reached:
            supporter[atom] = _GIVEN
        boundary = len(reached)
        reached += [atom for atom in self._from_nothing if supporter[atom] == _UNREACHED]
        for atom in reached[boundary:]:
            supporter[atom] = self._from_nothing[atom]
        missing = self._counts.copy()  # how many of its needed atoms each action still waits for
        open_goals = sum(supporter[atom] == _UNREACHED for atom in wanted)
        first: set[int] = set()
        for position, atom in enumerate(reached):  # grows while it is read
            if not open_goals:
                break
            for action in self._users[atom]:
                missing[action] -= 1
                if missing[action]:
                    continue
                if position < boundary:
                    first.add(action)
                # The action that makes an atom true first is its supporter: plans depend on this order.
                for added in self._adds[action]:
                    if supporter[added] == _UNREACHED:
                        supporter[added] = action
                        reached.append(added)
                        open_goals -= added in wanted
        return supporter, first

    def _shorten(self, start: State, goal: State, avoid: State, steps: list[int]) -> tuple[int, ...]:
        """Leave out steps, and what depends on them, as long as the plan still works."""
        position = 0
        while position < len(steps):
            shorter = self._without(start, steps, position)
            state = self._world.run(start, shorter)
            if state is not None and state & goal == goal and not state & avoid:
                steps = shorter
            else:
                position += 1
        return tuple(steps)

    def _without(self, start: State, steps: Sequence[int], left_out: int) -> list[int]:
        state = start
        kept = []
        for position, action in enumerate(steps):
            if position != left_out and self._world.allows(state, action):
                state = self._world.apply(state, action)
                kept.append(action)
        return kept


def _trace(parents: dict[State, tuple[State, int] | None], state: State) -> list[int]:
    steps = []
    while (link := parents[state]) is not None:
        state, action = link
        steps.append(action)
    return steps[::-1]
