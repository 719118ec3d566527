"""A problem made ready to be played: grounded, planned, with what is hidden."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from agemem_env.engines.collector import paused_collector
from agemem_env.engines.pddl.hidden import Group, Secrets, make_secrets, secret_groups
from agemem_env.engines.pddl.strips.improving import WORK
from agemem_env.engines.pddl.strips.parser import Atom, Domain, Problem
from agemem_env.engines.pddl.strips.planner import Planner
from agemem_env.engines.pddl.strips.strips import StripsWorld

MEMORY_TURNS = 2
"""Turns of stage 3 that the limit allows for looking things up."""


@dataclass(frozen=True)
class Ground:
    """A problem with its engine and planner; equal if the problem is.

    Attributes:
        kind: Which of the four domains it is; None for any other.
        problem: The problem.
        groups: Atoms of which exactly one holds at the start and which stage 3 hides.
        world: The engine.
        plan: Indices of the actions of a plan that was carried out and reached the goal; None if none was found.
    """

    kind: str | None
    problem: Problem
    groups: tuple[Group, ...] = field(compare=False)
    world: StripsWorld = field(compare=False, repr=False)
    plan: tuple[int, ...] | None = field(compare=False, repr=False)

    @cached_property
    def planner(self) -> Planner:
        """The planner for this world, made when somebody plans."""
        return Planner(self.world)


@dataclass(frozen=True)
class PDDLSetup:
    """What the engine needs to play a task.

    Attributes:
        ground: The problem.
        place: Name of the place where it happens.
        difficulty: ``easy``, ``medium`` or ``hard``; None if nobody said.
        hidden_goals: Atoms of the goal that the query leaves out.
        told: The atom that each of the task's facts states, in their order; None if it is so elsewhere or small talk.
    """

    ground: Ground
    place: str
    difficulty: str | None = None
    hidden_goals: tuple[Atom, ...] = ()
    told: tuple[Atom | None, ...] = ()

    @property
    def secrets(self) -> Secrets:
        """The hidden literals as masks."""
        return make_secrets(self.ground.kind, self.ground.world, self.ground.groups, self.hidden_goals)


def grounded(kind: str | None, domain: Domain, problem: Problem, plan: tuple[int, ...] | None = None) -> Ground:
    """Ground a problem, with a plan that is known for it."""
    with paused_collector():
        groups = tuple(secret_groups(kind, domain, problem))
        assumed = list(dict.fromkeys(atom for group in groups for atom in group))
        # AgentBoard lists no action with the same object twice; none of its domains has a use for one.
        return Ground(kind, problem, groups, StripsWorld(domain, problem, assumed, distinct=kind is not None), plan)


def prepare(kind: str | None, domain: Domain, problem: Problem, max_evaluations: int, work: int = WORK) -> Ground:
    """Ground a problem and look for a plan.

    Args:
        kind: Which of the four domains it is; None for any other.
        domain: The domain.
        problem: The problem.
        max_evaluations: States that the planner looks at before it gives up.
        work: What may be spent on making the plan shorter.
    """
    ground = grounded(kind, domain, problem)
    world = ground.world
    plan = ground.planner.plan(world.init, world.goal_needs, world.goal_forbids, max_evaluations, work)
    if plan is not None and not reaches_goal(world, plan):
        raise AssertionError(f"the plan of {problem.name!r} does not reach its goal")
    return replace(ground, plan=plan)


def reaches_goal(world: StripsWorld, plan: Sequence[int]) -> bool:
    """Return whether actions, by index, can be carried out one after the other and reach the goal."""
    end = world.run(world.init, plan)
    return end is not None and world.solved(end)


def turn_limit(plan: Sequence[int] | None) -> int | None:
    """Return the turn limit of stage 3 for a known plan: its length, two turns of memory work, some to spare.

    >>> turn_limit(range(12)), turn_limit(None)
    (16, None)
    """
    return None if plan is None else len(plan) + MEMORY_TURNS + 1 + len(plan) // 8
