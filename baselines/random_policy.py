"""A policy that draws valid calls at random: the lower end of every table."""

from __future__ import annotations

from typing import Any

import gymnasium as gym

from baselines.base import Info, Observation, Policy


class RandomPolicy(Policy):
    """Samples the action space; commands are drawn from the admissible ones.

    Args:
        seed: Seed of the draws.
    """

    name = "random"

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._space: gym.Space[Any] | None = None

    def attach(self, env: gym.Env[Any, Any]) -> None:
        """Take an environment's action space and seed it, once."""
        if self._space is not env.action_space:
            self._space = env.action_space
            self._space.seed(self._seed)

    def act(self, observation: Observation, info: Info) -> Any:
        """Return a random call."""
        assert self._space is not None, "rollout attaches the environment"
        return self._space.sample()
