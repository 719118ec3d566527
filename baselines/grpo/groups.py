"""One group: K rollouts of a task, their advantages, and the gradient of the objective."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, cast, get_args

import numpy as np

from agemem_env.errors import ConfigurationError, unknown_name
from baselines.grpo.math import (
    Floats,
    anchored_advantages,
    answer_only,
    discounted_returns,
    group_advantages,
    log_softmax,
    objective,
    to_steps,
    trajectory_weights,
)
from baselines.grpo.playing import Trajectory
from baselines.grpo.scorer import Batch, Scorer

Algorithm = Literal["step-wise", "per-trajectory", "gigpo"]
Returns = Literal["all", "answer"]
Totals = dict[str, float]


@dataclass(frozen=True)
class Learning:
    """How a group becomes a gradient.

    Attributes:
        algorithm: ``step-wise`` (Eq. 6), ``per-trajectory`` (plain GRPO: each trajectory weighs the same), or ``gigpo``
            (groups of steps that began in the same state beside it).
        returns: ``all``: the environment's reward; ``answer``: that of the task alone (the paper's ablation).
        beta: Weight of the KL term.
        floor: Least standard deviation that a group's rewards are divided by.
        gamma: Discount of the returns of steps (``gigpo``).
    """

    algorithm: Algorithm = "step-wise"
    returns: Returns = "all"
    beta: float = 0.01
    floor: float = 0.1
    gamma: float = 0.95

    def __post_init__(self) -> None:
        for name, allowed in (("algorithm", get_args(Algorithm)), ("returns", get_args(Returns))):
            if getattr(self, name) not in allowed:
                raise unknown_name(name, getattr(self, name), allowed)
        if not 0 <= self.beta < math.inf:
            raise ConfigurationError(f"beta={self.beta} is not allowed; use a finite number from 0 on")

    @classmethod
    def named(cls, algorithm: str, returns: str, **numbers: float) -> Learning:
        """Return how to learn, given names from a user."""
        return cls(cast(Algorithm, algorithm), cast(Returns, returns), **numbers)


@dataclass(frozen=True)
class GroupResult:
    """What one group gives to an update.

    Attributes:
        gradient: Sum over steps (or over trajectories), not divided by their number.
        weight: What it is to be divided by, summed over the groups of a batch.
        counts: Sums over the group, by name.
    """

    gradient: Floats
    weight: float
    counts: Totals = field(default_factory=dict)


def learn(
    trajectories: Sequence[Trajectory], scorer: Scorer, reference: Scorer, how: Learning, score: str
) -> GroupResult:
    """Return the gradient of one group.

    Args:
        trajectories: Rollouts of one task by the scorer.
        scorer: Played them.
        reference: Whom it shall not leave too far.
        how: The algorithm.
        score: Name of the metric that is reported as ``score``.
    """
    rewards = [_return(t, how.returns) for t in trajectories]
    lengths = [len(t.steps) for t in trajectories]
    advantages = group_advantages(rewards, floor=how.floor)
    by_step = to_steps(advantages.values, lengths)
    if how.algorithm == "gigpo":
        by_step = _anchored(trajectories, advantages.values, rewards, how)
    weights, total = np.ones(len(by_step)), float(len(by_step))
    if how.algorithm == "per-trajectory":
        weights, total = trajectory_weights(lengths) * len(lengths), float(len(lengths))
    batch = Batch.of([step for t in trajectories for step in t.steps])
    logs = np.concatenate([log for t in trajectories for log in t.log_probs])
    picked = batch.starts + np.array([place for t in trajectories for place in t.chosen])
    found = objective(
        logs,
        log_softmax(reference.batch_scores(batch), batch.starts),
        batch.starts,
        picked,
        logs[picked],
        by_step,
        weights,
        beta=how.beta,
    )
    counts = summed(trajectories, score)
    add(counts, {"groups": 1, "silent": advantages.silent, "steps": len(by_step), "advantage": by_step.sum()})
    add(counts, {"kl": found.kl.sum(), "entropy": found.entropy.sum()})
    return GroupResult(scorer.gradient(batch, found.gradient), total, counts)


def add(counts: Totals, more: Mapping[str, Any]) -> None:
    """Add numbers to totals by name."""
    for name, number in more.items():
        counts[name] = counts.get(name, 0.0) + float(number)


def summed(trajectories: Sequence[Trajectory], score: str) -> Totals:
    """Return sums over episodes, by name."""
    counts: Totals = {}
    for t in trajectories:
        ends = {"success": t.info["success"], "score": t.info["metrics"][score] or 0.0, "reward": t.reward}
        add(counts, {"episodes": 1, "turns": t.turns, "truncated": t.truncated, **ends})
        add(counts, {f"calls {name}": number for name, number in t.info["tool_calls"].items()})
        add(counts, {f"chosen {name}": number for name, number in t.kinds.items()})
    return counts


def means(counts: Mapping[str, float]) -> dict[str, float]:
    """Return what is told of an update: sums divided by episodes, steps or groups."""
    episodes, steps, groups = (max(1.0, counts.get(name, 0)) for name in ("episodes", "steps", "groups"))
    per_step = {name: counts.get(name, 0.0) / steps for name in ("kl", "entropy", "advantage")}
    per_episode = ("reward", "score", "success", "truncated", "turns")
    others = [name for name in sorted(counts) if name.startswith(("calls ", "chosen "))]
    return {
        **{name: counts.get(name, 0.0) / episodes for name in per_episode},
        "silent": counts.get("silent", 0.0) / groups,
        **per_step,
        **{name: counts[name] / episodes for name in others},
    }


def _return(trajectory: Trajectory, returns: Returns) -> float:
    if returns == "answer":
        return answer_only(trajectory.info["reward_components"]) or 0.0
    return trajectory.reward


def _anchored(trajectories: Sequence[Trajectory], values: Floats, rewards: Sequence[float], how: Learning) -> Floats:
    """Return advantages with groups of steps that began in the same state."""
    returns: list[Any] = []
    for trajectory, reward in zip(trajectories, rewards, strict=True):
        ends = np.zeros(len(trajectory.steps))
        ends[-1] = reward
        returns.append(discounted_returns(ends, how.gamma))
    anchors = [state for t in trajectories for state in t.states]
    lengths = [len(t.steps) for t in trajectories]
    found = anchored_advantages(values, lengths, np.concatenate(returns), anchors, floor=how.floor)
    return found.values
