"""The one episode loop, used by everything that plays."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym

from baselines.base import Policy

Spectator = Callable[[Any, "dict[str, Any]", float, "dict[str, Any]"], None]
"""Called after each step with action, observation, reward and info."""


@dataclass(frozen=True)
class EpisodeResult:
    """What came of one episode.

    Attributes:
        reward: Sum of the rewards.
        steps: Turns taken.
        info: The info of the last step: components, metrics, counts.
        terminated: Whether the episode ended by itself rather than by the turn limit.
        seconds: Time spent in the environment, resets included.
        policy_seconds: Time spent in the policy.
    """

    reward: float
    steps: int
    info: dict[str, Any]
    terminated: bool
    seconds: float = field(compare=False)
    policy_seconds: float = field(compare=False)


def rollout(
    env: gym.Env[Any, Any],
    policy: Policy,
    *,
    seed: int | None = None,
    task: str | int | None = None,
    spectator: Spectator | None = None,
) -> EpisodeResult:
    """Play one episode to its end.

    Args:
        env: An environment of the suite.
        policy: Plays it.
        seed: Seed of the episode.
        task: Id or index of the task; None lets the seed draw it.
        spectator: Sees every step.

    Example:
        >>> import agemem_env
        >>> from baselines import make
        >>> env = gym.make("AgeMem-HotpotQA-v0", source="generated")
        >>> rollout(env, make("expert", env), seed=7).info["metrics"]["EM"]
        1.0
    """
    policy.attach(env)
    start = time.perf_counter()
    observation, info = env.reset(seed=seed, options=None if task is None else {"task": task})
    in_env, in_policy = time.perf_counter() - start, 0.0
    policy.reset(info)
    total, steps, over, terminated = 0.0, 0, False, False
    while not over:
        start = time.perf_counter()
        action = policy.act(observation, info)
        chosen = time.perf_counter()
        observation, reward, terminated, truncated, info = env.step(action)
        in_env += time.perf_counter() - chosen
        in_policy += chosen - start
        total, steps, over = total + float(reward), steps + 1, terminated or truncated
        if spectator is not None:
            spectator(action, observation, float(reward), info)
    return EpisodeResult(total, steps, info, terminated, in_env, in_policy)
