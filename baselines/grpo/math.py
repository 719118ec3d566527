"""The algebra of step-wise GRPO as functions of arrays: Eq. 5, Eq. 6, and the variants that they are compared with.

A batch has trajectories, in groups that share a task, and steps, in the order of their trajectories. At each step the
policy chose one of some candidates. Arrays over candidates hold those of all steps one after the other, and ``starts``
says where the candidates of each step begin.

>>> rewards = [1.0, 0.0, 0.0, 0.0]
>>> group_advantages(rewards).values.round(3)
array([ 1.5, -0.5, -0.5, -0.5])
>>> to_steps(group_advantages(rewards).values, lengths=[1, 1, 2, 1]).round(3)
array([ 1.5, -0.5, -0.5, -0.5, -0.5])
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

NO_SPREAD = 1e-9
"""Standard deviation below which the rewards of a group are equal but for rounding: ``0.1 + 0.2`` is not ``0.3``."""


@dataclass(frozen=True)
class Advantages:
    """Advantages of the members of some groups.

    Attributes:
        values: One per member.
        groups: Number of groups.
        silent: Groups whose members all earned the same; their advantages are 0.
    """

    values: Floats
    groups: int
    silent: int


def group_advantages(
    rewards: ArrayLike, groups: Sequence[Hashable] | None = None, *, epsilon: float = 1e-6, floor: float = 0.0
) -> Advantages:
    """Return ``(r - mean) / (std + epsilon)`` within each group (Eq. 5), with the sample standard deviation (K - 1).

    A group of equal rewards, or of one member, says nothing: its advantages are 0.

    Args:
        rewards: One per member, shape ``(n,)``.
        groups: The group of each member; None: all are one group.
        epsilon: Added to the standard deviation.
        floor: The standard deviation is taken to be at least this, so that groups in which only trifles differ stay
            quiet; 0 is the paper's.

    Raises:
        ValueError: If a reward is not finite, or the numbers of rewards and groups differ.
    """
    earned = np.asarray(rewards, dtype=float)
    if not np.isfinite(earned).all():
        raise ValueError(f"rewards must be finite, but are {earned}")
    keys = [0] * len(earned) if groups is None else list(groups)
    if len(keys) != len(earned):
        raise ValueError(f"{len(earned)} rewards, but {len(keys)} groups")
    members: dict[Hashable, list[int]] = {}
    for i, key in enumerate(keys):
        members.setdefault(key, []).append(i)
    values, silent = np.zeros(len(earned)), 0
    for chosen in members.values():
        own = earned[chosen]
        spread = float(own.std(ddof=1)) if len(own) > 1 else 0.0
        if spread < NO_SPREAD:
            silent += 1
        else:
            values[chosen] = (own - own.mean()) / (max(spread, floor) + epsilon)
    return Advantages(values, len(members), silent)


def to_steps(values: ArrayLike, lengths: ArrayLike) -> Floats:
    """Repeat what each trajectory has for each of its steps (``A_t = A_k``); normalise before, never after.

    Args:
        values: One per trajectory.
        lengths: Number of steps of each trajectory.
    """
    return np.repeat(np.asarray(values, dtype=float), _whole(lengths))


def step_weights(lengths: ArrayLike) -> Floats:
    """Return the weights of Eq. 6: ``1/|E|`` for each step, so that long trajectories weigh more than short ones."""
    total = int(np.sum(lengths))
    return np.full(total, 1 / max(1, total))


def trajectory_weights(lengths: ArrayLike) -> Floats:
    """Return the weights of plain GRPO: each trajectory weighs the same, divided among its steps."""
    counts = _whole(lengths)
    return np.repeat(1 / (np.maximum(counts, 1) * max(1, len(counts))), counts)


def discounted_returns(rewards: ArrayLike, gamma: float) -> Floats:
    """Return ``R_t = r_t + gamma * R_(t+1)`` of one trajectory.

    >>> discounted_returns([0.0, 0.0, 1.0], 0.5)
    array([0.25, 0.5 , 1.  ])
    """
    returns = np.array(rewards, dtype=float)
    for t in range(len(returns) - 2, -1, -1):
        returns[t] += gamma * returns[t + 1]
    return returns


def anchored_advantages(
    values: ArrayLike,
    lengths: ArrayLike,
    returns: ArrayLike,
    anchors: Sequence[Hashable],
    *,
    share: float = 1.0,
    epsilon: float = 1e-6,
    floor: float = 0.0,
) -> Advantages:
    """Return advantages of steps with groups of steps beside groups of trajectories (GiGPO).

    The steps that began in the same state are a group as well: ``A_t = A_k + share * A(step group)``.

    Args:
        values: Advantages of the trajectories.
        lengths: Number of steps of each.
        returns: Return from each step on, such as `discounted_returns`.
        anchors: What identifies the state of each step: ``(task, info["state_hash"])`` before it.
        share: Weight of the step groups.
        epsilon: As for `group_advantages`.
        floor: As for `group_advantages`.

    Returns:
        One advantage per step; `groups` and `silent` count groups of steps. A state that was met once is silent.

    Raises:
        ValueError: If the lengths are not those of as many steps as there are returns, or as for `group_advantages`.
    """
    steps, own = group_advantages(returns, anchors, epsilon=epsilon, floor=floor), to_steps(values, lengths)
    if len(own) != len(steps.values):
        raise ValueError(f"{len(steps.values)} returns, but trajectories of {len(own)} steps")
    return Advantages(own + share * steps.values, steps.groups, steps.silent)


def answer_only(components: Mapping[str, Any]) -> float | None:
    """Return the reward of the paper's ablation: the task's component of ``info["reward_components"]`` alone."""
    return None if components["task"] is None else float(components["task"])


def log_softmax(scores: ArrayLike, starts: ArrayLike) -> Floats:
    """Return log-probabilities of candidates within each step.

    Args:
        scores: One per candidate.
        starts: Where the candidates of each step begin; every step has at least one.
    """
    given, first = np.asarray(scores, dtype=float), np.asarray(starts)
    counts = _counts(first, len(given))
    shifted = given - np.repeat(np.maximum.reduceat(given, first), counts)
    totals: Floats = np.log(np.add.reduceat(np.exp(shifted), first))
    return np.asarray(shifted - np.repeat(totals, counts))


@dataclass(frozen=True)
class Objective:
    """What Eq. 6 gives for a batch.

    Attributes:
        value: What is maximised.
        gradient: Its derivative by the score (logit) of each candidate.
        ratio: ``rho_t`` of each step.
        kl: ``KL(policy || reference)`` at each step, exact over the candidates.
        entropy: Of the policy at each step.
        clipped: Whether clipping took the gradient of a step.
    """

    value: float
    gradient: Floats
    ratio: Floats
    kl: Floats
    entropy: Floats
    clipped: NDArray[np.bool_]


def objective(
    log_probs: ArrayLike,
    reference: ArrayLike,
    starts: ArrayLike,
    chosen: ArrayLike,
    behaviour: ArrayLike,
    advantages: ArrayLike,
    weights: ArrayLike,
    *,
    beta: float = 0.1,
    clip: float | None = None,
) -> Objective:
    """Return ``sum_t w_t [rho_t A_t - beta KL(policy || reference)]`` (Eq. 6) and its gradient.

    Args:
        log_probs: Of every candidate under the policy.
        reference: Of every candidate under the reference policy.
        starts: Where the candidates of each step begin.
        chosen: Place of the candidate that was chosen at each step, among all candidates.
        behaviour: Log-probability with which it was chosen.
        advantages: One per step.
        weights: One per step: `step_weights`, or `trajectory_weights`.
        beta: Weight of the KL term.
        clip: If given, ``min(rho A, clip(rho, 1 - clip, 1 + clip) A)`` stands for ``rho A``, as in PPO.
    """
    logs, first, picked = np.asarray(log_probs, dtype=float), np.asarray(starts), np.asarray(chosen)
    gains, scale = np.asarray(advantages, dtype=float), np.asarray(weights, dtype=float)
    counts = _counts(first, len(logs))
    probs = np.exp(logs)
    versus = logs - np.asarray(reference, dtype=float)
    kl = np.add.reduceat(probs * versus, first)
    entropy = -np.add.reduceat(probs * logs, first)
    ratio = np.exp(logs[picked] - np.asarray(behaviour, dtype=float))
    clipped = np.zeros(len(ratio), dtype=bool)
    paid = ratio * gains
    if clip is not None:
        bounded = np.clip(ratio, 1 - clip, 1 + clip) * gains
        clipped = bounded < paid
        paid = np.minimum(paid, bounded)
    push = scale * np.where(clipped, 0.0, ratio * gains)
    gradient = -probs * np.repeat(push, counts)
    gradient[picked] += push
    gradient -= beta * np.repeat(scale, counts) * probs * (versus - np.repeat(kl, counts))
    return Objective(float(scale @ (paid - beta * kl)), gradient, ratio, kl, entropy, clipped)


def _whole(numbers: ArrayLike) -> Integers:
    """Return whole numbers, none of which are whole numbers too."""
    found = np.asarray(numbers)
    return found.astype(np.intp) if found.size == 0 else found


def _counts(starts: Integers, total: int) -> Integers:
    """Return the number of candidates of each step."""
    return np.diff(starts, append=total)
