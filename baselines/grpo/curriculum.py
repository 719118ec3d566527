"""What is trained when: first what to store and what to correct, by itself, then all three stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from agemem_env.errors import ConfigurationError, unknown_name


@dataclass(frozen=True)
class Phase:
    """A part of training. The reference policy is reset at its beginning.

    Attributes:
        name: In logs.
        share: Of the budget.
        taught: Stages that the teacher plays: it stores every message of stage 1, ignores those of stage 2, and ends
            the episode when the query comes.
        stages: Stages that the environment has.
        weights: Of task, context and memory in the reward; None: those of the run.
        pull: Factor of the weight of the KL term.
        revised: Whether every other group plays a task in which something told is revised, if one is near.
        floor: Least standard deviation that a group's rewards are divided by; None: that of the run.
    """

    name: str
    share: float
    taught: tuple[int, ...] = ()
    stages: tuple[int, ...] = (1, 2, 3)
    weights: tuple[float, float, float] | None = None
    pull: float = 1.0
    floor: float | None = None
    revised: bool = False

    @property
    def arguments(self) -> dict[str, Any]:
        """Arguments of the environment in this phase."""
        return {"stages": self.stages, **({} if self.weights is None else {"weights": self.weights})}


STORE = Phase("store", 0.4, taught=(3,), stages=(1, 3), weights=(0.0, 0.0, 1.0), pull=3.0, floor=0.02, revised=True)
"""Stage 1 by itself: what memory holds when the query comes is all that is paid.

A line of small talk among ten facts costs a few hundredths, and nothing else differs: such differences count. Where
revisions are rare, updating is a mistake so often that it is unlearned before it is seen to be right: every other group
has one.

The reference, under which all is equally likely, pulls harder: else storing every message, which is better than storing
none, is settled on before small talk is told apart.
"""

PROGRESSIVE = (STORE, Phase("all", 0.6))
"""Stage 1 by itself at first, then all three stages."""

TAUGHT = (Phase("use", 0.25, taught=(1,)), Phase("all", 0.75))
"""Three stages, the first of which is played by a teacher at first."""

STAGE_3_ONLY = (Phase("plain", 1.0, stages=(3,)),)

CURRICULA = {
    "progressive": PROGRESSIVE,
    "taught": TAUGHT,
    "all": (Phase("all", 1.0),),
    "stage-3-only": STAGE_3_ONLY,
}
"""Name -> phases."""


def check_untaught(name: str) -> None:
    """Check that a curriculum is one in which no teacher plays stage 1: language models have none.

    >>> check_untaught("progressive")

    Raises:
        ConfigurationError: If it is not.
    """
    allowed = [known for known, phases in CURRICULA.items() if all(1 not in phase.taught for phase in phases)]
    if name not in allowed:
        raise unknown_name("curriculum of a language model", name, allowed)


def learnable(phases: Sequence[Phase], *, memory: bool) -> tuple[Phase, ...]:
    """Return the phases; without memory, those of stage 1 by itself are left out and the others share the budget.

    >>> [(phase.name, phase.share) for phase in learnable(PROGRESSIVE, memory=False)]
    [('all', 1.0)]
    """
    kept = [phase for phase in phases if memory or 3 not in phase.taught]
    total = sum(phase.share for phase in kept)
    return tuple(replace(phase, share=phase.share / total) for phase in kept)


def phase_at(phases: Sequence[Phase], done: float) -> int:
    """Return the place of the phase, given the share of the budget that is used up.

    >>> [phase_at(PROGRESSIVE, done) for done in (0.0, 0.39, 0.4, 1.0)]
    [0, 0, 1, 1]

    Raises:
        ConfigurationError: If there is no phase.
    """
    if not phases:
        raise ConfigurationError("phases=() is not allowed; use at least one phase")
    reached = 0.0
    for place, phase in enumerate(phases):
        reached += phase.share
        if done < reached - 1e-9:
            return place
    return len(phases) - 1
