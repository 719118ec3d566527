"""Measures the memory of worker processes over many episodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import gymnasium as gym

from agemem_env.vector import PoolVectorEnv
from agemem_env.vector.resident import resident_mb

SAMPLES = 20
"""How often memory is measured."""


@dataclass(frozen=True)
class Memory:
    """Memory of all worker processes together, their virtual machines included, in MB.

    Attributes:
        episodes: Episodes played.
        samples: Memory after equal parts of them.
    """

    episodes: int
    samples: Sequence[float]

    @property
    def growth(self) -> float:
        """Mean of the last quarter against that of the second: what the first plays in is no growth."""
        part = len(self.samples) // 4
        return _mean(self.samples[-part:]) / _mean(self.samples[part : 2 * part])

    def __str__(self) -> str:
        shown = ", ".join(f"{sample:.0f}" for sample in self.samples)
        return f"{self.episodes:,} episodes, MB: {shown}; growth {self.growth:.3f}"


def measure(
    env_id: str,
    kwargs: Mapping[str, Any],
    *,
    episodes: int = 2000,
    count: int = 8,
    workers: int = 2,
    action: Any = "ok",
) -> Memory:
    """Play episodes with one action and measure.

    Args:
        env_id: Id of the environments.
        kwargs: Their arguments.
        episodes: Number of episodes.
        count: Number of environments.
        workers: Number of processes.
        action: What is done at each turn.
    """
    envs = gym.make_vec(env_id, num_envs=count, workers=workers, autoreset_mode="SameStep", **kwargs)
    assert isinstance(envs, PoolVectorEnv), "the id has a vector environment of its own"
    samples: list[float] = []
    with closing(envs):
        envs.reset(seed=0)
        done = 0
        while done < episodes:
            _, _, terminated, truncated, _ = envs.step((action,) * count)
            done += int((terminated | truncated).sum())
            while len(samples) < SAMPLES * done // episodes and len(samples) < SAMPLES:
                samples.append(sum(map(resident_mb, envs.pids)))
    return Memory(done, samples)


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
