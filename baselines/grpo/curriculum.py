"""What is trained when: first the use of memory, with a teacher that stores everything, then all three stages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agemem_env.errors import ConfigurationError


@dataclass(frozen=True)
class Phase:
    """A part of training. The reference policy is reset at its beginning.

    Attributes:
        name: In logs.
        share: Of the budget.
        taught: Stages that the teacher plays: it stores every message of stage 1, and ignores those of stage 2.
        stages: Stages that the environment has.
    """

    name: str
    share: float
    taught: tuple[int, ...] = ()
    stages: tuple[int, ...] = (1, 2, 3)


PROGRESSIVE = (Phase("use", 0.25, taught=(1,)), Phase("all", 0.75))
"""Three stages, the first of which is taught at first."""

STAGE_3_ONLY = (Phase("plain", 1.0, stages=(3,)),)

CURRICULA = {
    "progressive": PROGRESSIVE,
    "all": (Phase("all", 1.0),),
    "stage-3-only": STAGE_3_ONLY,
}
"""Name -> phases."""


def phase_at(phases: Sequence[Phase], done: float) -> int:
    """Return the place of the phase, given the share of the budget that is used up.

    >>> [phase_at(PROGRESSIVE, done) for done in (0.0, 0.24, 0.25, 1.0)]
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
