"""Policies that play the environments, and the loop that lets them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import gymnasium as gym

from agemem_env.errors import unknown_name
from baselines.base import Policy
from baselines.cheats import CHEATS, Cheat, DoNothing
from baselines.expert import ExpertPolicy
from baselines.random_policy import RandomPolicy
from baselines.rollout import EpisodeResult, rollout

__all__ = ["POLICIES", "EpisodeResult", "Policy", "make", "rollout"]

Factory = Callable[[gym.Env[Any, Any], int], Policy]


def _cheat(cls: type[Cheat]) -> Factory:
    return lambda env, seed: cls()


POLICIES: Mapping[str, Factory] = MappingProxyType(
    {
        "random": RandomPolicy,
        "do-nothing": lambda env, seed: DoNothing(),
        "expert": lambda env, seed: ExpertPolicy(env),
        "expert-no-memory": lambda env, seed: ExpertPolicy(env, memory=False),
        **{cls.name: _cheat(cls) for cls in CHEATS},
    }
)
"""Name -> factory of every policy. A new policy is a file and one line here."""


def make(name: str, env: gym.Env[Any, Any], seed: int = 0) -> Policy:
    """Return a policy for an environment.

    Args:
        name: A name in `POLICIES`.
        env: The environment that it will play.
        seed: Seed of whatever the policy draws.

    Raises:
        ConfigurationError: If the name is unknown.
    """
    if name not in POLICIES:
        raise unknown_name("policy", name, POLICIES)
    return POLICIES[name](env, seed)
