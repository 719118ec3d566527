"""What a policy is: two methods."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import gymnasium as gym

Observation = Mapping[str, Any]
Info = Mapping[str, Any]


class Policy(ABC):
    """Plays episodes of any environment of the suite.

    A policy sees what `AgeMemEnv` returns and nothing else, unless its class says that it is privileged.
    """

    name: str
    """Name in tables and result rows."""

    def attach(self, env: gym.Env[Any, Any]) -> None:  # noqa: B027 - many policies need nothing but observations
        """Get to know the environment that will be played: its tools, and for memory systems its store.

        `rollout` calls it before each episode.
        """

    def reset(self, info: Info) -> None:  # noqa: B027 - policies without state have nothing to reset
        """Prepare for a new episode.

        Args:
            info: What `reset` of the environment returned.
        """

    @abstractmethod
    def act(self, observation: Observation, info: Info) -> Any:
        """Return the next action: anything that `AgeMemEnv.step` takes."""
