"""Registers one environment id per benchmark: ``AgeMem-<benchmark>-v0``."""

from __future__ import annotations

import gymnasium as gym

from agemem_env.engines import ENGINES

VERSION = 0


def env_id(benchmark: str) -> str:
    """Return the id of a benchmark.

    >>> env_id("HotpotQA")
    'AgeMem-HotpotQA-v0'
    """
    return f"AgeMem-{benchmark}-v{VERSION}"


def register_all() -> None:
    """Register every benchmark of `agemem_env.engines.ENGINES`; ids that exist are left alone."""
    for benchmark in ENGINES:
        if env_id(benchmark) not in gym.registry:
            # No max_episode_steps: TimeLimit would truncate outside the environment and lose the final reward.
            gym.register(
                id=env_id(benchmark),
                entry_point="agemem_env.env:AgeMemEnv",
                vector_entry_point="agemem_env.vector:make_vector",
                kwargs={"benchmark": benchmark},
            )
