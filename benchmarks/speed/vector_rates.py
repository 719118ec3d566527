"""Measures steps per second of environments side by side: Gymnasium's two kinds, and the pool.

All of them play the same actions from the same seeds, in turns, so that other loads of the machine disturb all alike.
"""

from __future__ import annotations

import functools
import os
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv, VectorEnv

import agemem_env  # noqa: F401 - registers the ids
from agemem_env.vector import PoolVectorEnv
from agemem_env.vector.resident import resident_mb

Vector = VectorEnv[Any, Any, Any]


@dataclass(frozen=True)
class VectorRates:
    """Median steps per second of all environments together.

    Attributes:
        count: Number of environments.
        sync: `SyncVectorEnv`: one process.
        async_: `AsyncVectorEnv` without shared memory: a process per environment. None if it was left out.
        pool: `PoolVectorEnv` with a process per processor.
        pool_mb: Memory per environment of the pool's processes.
    """

    count: int
    sync: float
    async_: float | None
    pool: float
    pool_mb: float

    def __str__(self) -> str:
        gymnasium = "" if self.async_ is None else f"{self.pool / self.async_:.2f} x AsyncVectorEnv, "
        return (
            f"{self.count} environments: {self.pool:,.0f} steps/s, {self.pool / self.sync:.2f} x one process, "
            f"{gymnasium}{self.pool_mb:.0f} MB per environment"
        )


def measure(
    env_id: str,
    kwargs: Mapping[str, Any],
    count: int,
    *,
    rounds: int = 5,
    steps: int = 50,
    warm_up: int = 1,
    gymnasium: bool = True,
) -> VectorRates:
    """Measure the three kinds.

    Args:
        env_id: Id of the environments.
        kwargs: Their arguments.
        count: Number of environments.
        rounds: How often each kind plays.
        steps: Steps of each environment in a round; an episode that a random action ends is followed by another.
        warm_up: Rounds that are played before and not counted.
        gymnasium: Whether `AsyncVectorEnv` plays too, which takes a process, or a virtual machine, per environment.
    """
    arguments = {"max_rounds": steps + 1, **kwargs}
    make = functools.partial(gym.make, f"agemem_env:{env_id}", disable_env_checker=True, **arguments)
    scripts = [_script(make, seed, steps) for seed in range(count)]
    batches = list(zip(*scripts, strict=True))
    kinds: dict[str, Callable[[], Vector]] = {
        "sync": lambda: SyncVectorEnv([make] * count),
        "async": lambda: AsyncVectorEnv([make] * count, shared_memory=False, context="spawn"),
        "pool": lambda: PoolVectorEnv([make] * count, workers=os.cpu_count()),
    }
    if not gymnasium:
        del kinds["async"]
    with ExitStack() as stack:
        vectors = {name: stack.enter_context(closing(kind())) for name, kind in kinds.items()}
        seconds: dict[str, list[float]] = {name: [] for name in vectors}
        for round_ in range(warm_up + rounds):
            for name, vector in vectors.items():
                taken = _play(vector, batches)
                if round_ >= warm_up:
                    seconds[name].append(taken)
        pool = vectors["pool"]
        assert isinstance(pool, PoolVectorEnv), "it was made as one"
        pool_mb = sum(map(resident_mb, pool.pids)) / count
    rates = {name: count * steps / statistics.median(taken) for name, taken in seconds.items()}
    return VectorRates(count, rates["sync"], rates.get("async"), rates["pool"], pool_mb)


def _script(make: Callable[[], gym.Env[Any, Any]], seed: int, steps: int) -> list[Any]:
    """Return random valid actions without answers; where an episode is over, one that is not looked at."""
    actions: list[Any] = []
    with closing(make()) as env:
        env.reset(seed=seed)
        env.action_space.seed(seed)
        over = False
        while len(actions) < steps:
            action = env.action_space.sample()
            if action["name"] == "answer":
                continue
            actions.append(action)
            if over:  # as vector environments do
                env.reset()
                over = False
            else:
                _, _, terminated, truncated, _ = env.step(action)
                over = bool(terminated or truncated)
    return actions


def _play(vector: Vector, batches: Sequence[tuple[Any, ...]]) -> float:
    """Return the seconds that the steps of a round take."""
    vector.reset(seed=0)
    start = time.perf_counter()
    for batch in batches:
        vector.step(batch)
    return time.perf_counter() - start
