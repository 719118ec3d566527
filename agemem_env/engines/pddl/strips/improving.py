"""Makes plans shorter, with a budget that is counted in states and not in seconds: equal on every machine.

The first plan of a greedy search wastes moves. Two things mend most of that. The problem is searched again with the
length of the plan so far as its bound, with less and less greed. And windows of the plan are planned anew: from the
state in which a window begins to what the steps after it need.

References: Richter, Thayer and Ruml, "The Joy of Forgetting: Faster Anytime Search via Restarting", ICAPS 2010;
Siddiqui and Haslum, "Plan Quality Optimisation via Block Decomposition", IJCAI 2013.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count
from typing import Protocol

from agemem_env.engines.pddl.strips.strips import State, StripsWorld

WORK = 800_000
"""Actions looked at, over all states that are judged, before a plan is taken as good enough."""

_MANNERS = ((4, 2), (2, 2), (2, 1), (2, 0), (1, 2), (1, 0))
"""Searches of the whole problem: weight of the estimate against the steps taken, and `aside` of `_Search.shorter`."""

_SHARE = 10
"""Each of those searches gets this part of the budget at most."""

_WINDOWS = (4, 7, 10, 14, 20)
_WINDOW_STATES = (100, 500)
"""States judged in one window: all windows are tried with the first number, then, if budget is left, with the next."""


class Judge(Protocol):
    """What estimates the steps to a goal."""

    def estimate(self, state: State, wanted: Sequence[int]) -> tuple[int | None, set[int]]:
        """Return the length of a relaxed plan, None if there is none, and its applicable actions."""


_Task = tuple[State, State, State]
"""Start, atoms that must hold at the end, atoms that must not."""


@dataclass
class Budget:
    """States that may still be judged."""

    states: int


def improve(
    world: StripsWorld, judge: Judge, start: State, goal: State, avoid: State, steps: Sequence[int], work: int = WORK
) -> list[int]:
    """Return a plan that is as long as the given one or shorter. Deterministic.

    Args:
        world: The world.
        judge: Estimates the steps to a goal.
        start: State to start from.
        goal: Atoms that must hold at the end.
        avoid: Atoms that must not hold at the end.
        steps: A plan that leads there.
        work: Budget: actions of the world, times states that are judged.
    """
    best = list(steps)
    budget = Budget(work // max(1, len(world.actions)))
    share = budget.states // _SHARE
    search = _Search(world, judge)
    for weight, aside in _MANNERS:
        if len(best) < 2:
            break
        part = Budget(min(share, budget.states))
        budget.states -= part.states
        found = search.shorter(start, goal, avoid, len(best), part, weight, aside)
        budget.states += part.states
        best = found or best
    for most in _WINDOW_STATES:
        tried: set[_Task] = set()
        while budget.states > 0:
            found = _window(world, search, (start, goal, avoid), best, budget, tried, most)
            if found is None:
                break
            best = found
    return best


def _window(
    world: StripsWorld, search: _Search, task: _Task, steps: list[int], budget: Budget, tried: set[_Task], most: int
) -> list[int] | None:
    """Return the plan with its first window shortened that can be; None if none can.

    Args:
        world: The world.
        search: Searches in it.
        task: Start and goal of the plan.
        steps: The plan.
        budget: States that may be judged; what is used is taken off.
        tried: Windows that could not be shortened; more are added.
        most: States judged in one window.
    """
    states, needs = _states(world, task[0], steps), _needs(world, *task[1:], steps)
    for size in _WINDOWS:
        for first in range(max(1, len(steps) - size + 1)):
            last = min(first + size, len(steps))
            window = (states[first], *needs[last])
            if window in tried:
                continue
            tried.add(window)
            part = Budget(min(most, budget.states))
            budget.states -= part.states
            found = search.shorter(*window, last - first, part)
            budget.states += part.states
            if found is not None:
                return [*steps[:first], *found, *steps[last:]]
            if budget.states <= 0:
                return None
    return None


def _states(world: StripsWorld, start: State, steps: Sequence[int]) -> list[State]:
    states = [start]
    for action in steps:
        states.append(world.apply(states[-1], action))
    return states


def _needs(world: StripsWorld, goal: State, avoid: State, steps: Sequence[int]) -> list[tuple[State, State]]:
    """Return for each step what must hold and what must not hold for it and the steps after it."""
    needs = [(goal, avoid)]
    for index in reversed(steps):
        action = world.actions[index]
        goal = goal & ~action.adds | action.needs
        avoid = avoid & action.keeps | action.forbids
        needs.append((goal, avoid))
    return needs[::-1]


class _Search:
    """Looks for plans with fewer steps than a bound."""

    def __init__(self, world: StripsWorld, judge: Judge) -> None:
        self._world, self._judge = world, judge

    def shorter(
        self, start: State, goal: State, avoid: State, bound: int, budget: Budget, weight: int = 1, aside: int = 2
    ) -> list[int] | None:
        """Return a plan of fewer than `bound` steps, None if none was found within the budget.

        Args:
            start: State to start from.
            goal: Atoms that must hold at the end.
            avoid: Atoms that must not hold at the end.
            bound: Number of steps that is too many.
            budget: States that may be judged; what is used is taken off.
            weight: Weight of the estimate against the steps taken.
            aside: Steps by which an action that begins no relaxed plan is put off.
        """
        world, order = self._world, count()
        wanted = _bits(goal)
        depths = {start: 0}
        parents: dict[State, tuple[State, int]] = {}
        queue: list[tuple[int, int, int, State]] = [(0, 0, next(order), start)]
        while queue and budget.states > 0:
            _, negative, _, state = heapq.heappop(queue)
            depth = -negative
            if depth != depths[state]:
                continue
            if state & goal == goal and not state & avoid:
                return _trace(parents, start, state)
            budget.states -= 1
            estimate, preferred = self._judge.estimate(state, wanted)
            if estimate is None or depth + estimate >= bound:
                continue
            for action in world.applicable(state):
                following = world.apply(state, action)
                if depths.get(following, bound) <= depth + 1:
                    continue
                depths[following] = depth + 1
                parents[following] = (state, action)
                # The state is judged by its parent until its turn comes.
                left = estimate - 1 if action in preferred else estimate - 1 + aside
                heapq.heappush(queue, (depth + 1 + weight * left, -depth - 1, next(order), following))
        return None


def _bits(mask: State) -> list[int]:
    return [i for i in range(mask.bit_length()) if mask >> i & 1]


def _trace(parents: dict[State, tuple[State, int]], start: State, state: State) -> list[int]:
    steps = []
    while state != start:
        state, action = parents[state]
        steps.append(action)
    return steps[::-1]
