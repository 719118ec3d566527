"""A policy that draws valid calls at random: the lower end of every table."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

from baselines.base import Info, Observation, Policy


class RandomPolicy(Policy):
    """Samples the action space; commands are drawn from the admissible ones.

    Args:
        env: The environment to be played; only its action space is used.
        seed: Seed of the draws.
    """

    name = "random"

    def __init__(self, env: gym.Env[Any, Any], seed: int = 0) -> None:
        self._space = env.action_space
        self._space.seed(seed)

    def act(self, observation: Observation, info: Info) -> Any:
        """Return a random call."""
        return self._space.sample()
