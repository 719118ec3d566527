"""Rewards: whether anybody is paid who did not do the work."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agemem_env.rewards.profiles import PROFILES
from benchmarks.audit.bounds import Finding, findings
from benchmarks.audit.outcomes import NOTHING, Outcome, outcomes


@dataclass(frozen=True)
class Audit:
    """What the red team earned, and which bounds hold.

    Attributes:
        outcomes: One per benchmark, seed and policy.
        findings: One per profile, bound and benchmark.
    """

    outcomes: Sequence[Outcome]
    findings: Sequence[Finding]

    @property
    def holds(self) -> bool:
        """Whether every bound holds under ``strict``."""
        return all(f.held for f in self.findings if f.profile == "strict")


def audit(
    benchmarks: Sequence[str],
    seeds: Sequence[int],
    *,
    workers: int = 1,
    env_kwargs: Mapping[str, Any] = NOTHING,
    track: Callable[[int], None] | None = None,
) -> Audit:
    """Play the red team and check the bounds.

    Args:
        benchmarks: Names of benchmarks, or ``module:Class``.
        seeds: Seeds of the episodes.
        workers: Number of processes.
        env_kwargs: Arguments of the environments.
        track: Takes the number of tasks that are done.
    """
    found = outcomes(benchmarks, seeds, workers=workers, env_kwargs=env_kwargs, track=track)
    return Audit(found, [finding for profile in PROFILES for finding in findings(found, profile)])
