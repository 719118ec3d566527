"""What a policy is: two methods."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import gymnasium as gym

from agemem_env.types import Usage

Observation = Mapping[str, Any]
Info = Mapping[str, Any]


class Policy(ABC):
    """Plays episodes of any environment of the suite.

    A policy sees what `AgeMemEnv` returns and nothing else, unless its class says that it is privileged.
    """

    name: str = ""
    """Name in tables and result rows; that of the class if it states none."""

    env_kwargs: Mapping[str, Any] = MappingProxyType({})
    """Arguments that the environment must be made with for this policy, for example its tool format."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if not cls.name:
            cls.name = cls.__name__

    @property
    def usage(self) -> Usage:
        """What the calls of language models in this episode have cost so far."""
        return Usage()

    @property
    def instructions(self) -> str:
        """What it adds to the system message, after a blank line, before it asks a model; empty if nothing."""
        return ""

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
