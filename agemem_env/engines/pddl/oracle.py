"""The expert: plans in the world that it believes in, and tries what it does not know in a fixed order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import permutations

from agemem_env.engines.pddl.hidden import Secrets
from agemem_env.engines.pddl.setup import Ground
from agemem_env.engines.pddl.strips.strips import State

MAX_EVALUATIONS = 3_000
_WORK = 100_000
"""What is spent on making a plan shorter: it is made anew whenever something is seen that was not expected."""

_ORDERS = 4
"""Orders of guesses that are tried if the first one leaves no plan."""


@dataclass(frozen=True, slots=True)
class PDDLView:
    """What the agent has seen.

    Attributes:
        state: The true state.
        seen: Hidden literals of the state whose value is known.
        known_goals: Hidden literals of the goal that are known.
        been: Atoms that held in some state so far.
    """

    state: State
    seen: State
    known_goals: State
    been: State


def next_plan(
    ground: Ground, secrets: Secrets, view: PDDLView, told: State, told_goals: State, plans: Iterable[tuple[int, ...]]
) -> tuple[int, ...]:
    """Return a plan in the believed world, empty if there is none.

    Args:
        ground: The problem.
        secrets: What is hidden.
        view: What was seen; the hidden part of the true state is not looked at.
        told: Literals of the start that somebody told.
        told_goals: Literals of the goal that somebody told.
        plans: Plans made before; the first that still leads to the goal is kept.
    """
    for turn in range(_ORDERS):
        believed = believe(secrets, view, told, turn)
        goal = believed_goal(ground, secrets, view, told_goals)
        avoid = ground.world.goal_forbids
        for plan in plans:
            end = ground.world.run(believed, plan)
            if plan and end is not None and end & goal == goal and not end & avoid:
                return plan
        found = ground.planner.plan(believed, goal, avoid, MAX_EVALUATIONS, _WORK)
        if found:
            return found
    return ()


def believe(secrets: Secrets, view: PDDLView, told: State, turn: int = 0) -> State:
    """Return the state as the agent believes it to be: what it sees, what it was told, and guesses for the rest.

    Args:
        secrets: What is hidden.
        view: What was seen.
        told: Literals that somebody told.
        turn: Which candidate of each group is guessed first.
    """
    hidden = secrets.unknown & ~view.seen
    believed = view.state & ~hidden
    excluded = 0
    known_true = view.been & secrets.unknown & view.seen
    for bit, rivals in secrets.rivals.items():
        if bit & known_true:
            excluded |= rivals & ~view.seen
    chosen = 0
    for group in secrets.groups:
        for bit in group:
            if bit & told & hidden & ~excluded:
                chosen |= bit
                excluded |= secrets.rivals[bit]
    for group in secrets.groups:
        candidates = [bit for bit in group if bit & hidden]
        if not candidates or any(bit & (chosen | known_true) for bit in group):
            continue
        free = [bit for bit in candidates if not bit & excluded]
        if free:
            bit = free[turn % len(free)]
            chosen |= bit
            excluded |= secrets.rivals[bit]
    return believed | chosen


def believed_goal(ground: Ground, secrets: Secrets, view: PDDLView, told_goals: State) -> State:
    """Return the goal as far as it is known, with one guess if a part of it is not."""
    world = ground.world
    visible = world.goal_needs & ~secrets.goals
    known = view.known_goals | told_goals & ~(view.been & ~world.goal_needs)
    goal = visible | known
    if known.bit_count() >= secrets.goals.bit_count():
        return goal
    below = {atom[1]: atom[2] for atom in world.members(goal) if atom[0] == "on"}
    for upper, lower in permutations(world.objects, 2):
        bit = world.bit.get(("on", upper, lower), 0)
        if bit and not bit & (goal | view.been) and _fits(below, upper, lower):
            return goal | bit
    return goal


def _fits(below: dict[str, str], upper: str, lower: str) -> bool:
    """Return whether a block can stand on another one in an arrangement."""
    if upper in below or lower in below.values():
        return False
    while lower != upper and lower in below:
        lower = below[lower]
    return lower != upper
