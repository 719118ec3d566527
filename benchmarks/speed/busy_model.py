"""Measures how busy many episodes keep a language model, with each episode on its own and in lock-step.

The model is a clock. It has as many slots as there are episodes, so a slot is free whenever an episode's environment
works or waits for others; *busy* is the share of slot time in which the model answers: the sum of the latencies of all
answers over slots times seconds. Latencies are log-normal, 95 % of them between `SHORTEST_S` and `LONGEST_S`.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np

from agemem_env.vector import PoolVectorEnv

SHORTEST_S, LONGEST_S = 0.05, 0.5
"""Between these are 95 % of the latencies."""

_MEDIAN = math.sqrt(SHORTEST_S * LONGEST_S)
_SIGMA = math.log(LONGEST_S / _MEDIAN) / 1.96


@dataclass(frozen=True)
class Busy:
    """What was measured.

    Attributes:
        in_flight: Episodes in flight, and slots of the model.
        ragged: Share of slot time in which the model answers if each episode goes on when its answer is there.
        lock_step: The same if all episodes wait for the slowest answer.
        answers: Answers that the model gave in the first of these.
        lost: Episodes that ended with an ``engine_error``.
    """

    in_flight: int
    ragged: float
    lock_step: float
    answers: int
    lost: int

    def __str__(self) -> str:
        return (
            f"{self.in_flight} episodes in flight keep the model {self.ragged:.1%} busy ({self.answers:,} answers), "
            f"in lock-step {self.lock_step:.1%}"
        )


def measure(
    env_id: str,
    kwargs: Mapping[str, Any],
    *,
    in_flight: int = 64,
    seconds: float = 10.0,
    workers: int | None = None,
    answer: Any = "I see.",
) -> Busy:
    """Measure both ways of playing, one after the other.

    Args:
        env_id: Id of the environments.
        kwargs: Their arguments.
        in_flight: Number of episodes.
        seconds: How long to play each way.
        workers: Number of processes; None for one per processor.
        answer: What the model answers.
    """
    envs = gym.make_vec(env_id, num_envs=in_flight, workers=workers, autoreset_mode="NextStep", **kwargs)
    assert isinstance(envs, PoolVectorEnv), "the id has a vector environment of its own"
    rng = np.random.default_rng(0)

    def latency() -> float:
        return float(rng.lognormal(math.log(_MEDIAN), _SIGMA))

    with closing(envs):
        envs.reset(seed=0)
        ragged = asyncio.run(_ragged(envs, seconds, latency, answer))
        envs.reset(seed=0)
        return Busy(in_flight, ragged.share, _lock_step(envs, seconds, latency, answer), ragged.answers, ragged.lost)


@dataclass
class _Tally:
    answered_s: float = 0.0
    share: float = 0.0
    answers: int = 0
    lost: int = 0


async def _ragged(envs: PoolVectorEnv, seconds: float, latency: Callable[[], float], answer: Any) -> _Tally:
    """Let each episode go on when the model has answered it."""
    tally = _Tally()
    start = time.perf_counter()

    async def play(index: int) -> None:
        """Play an environment until the time is over."""
        while (left := start + seconds - time.perf_counter()) > 0:
            needed = latency()
            await asyncio.sleep(needed)
            tally.answered_s += min(needed, left)
            tally.answers += 1
            result = await envs.astep(index, answer)
            tally.lost += "engine_error" in result.info

    await asyncio.gather(*map(play, range(envs.num_envs)))
    tally.share = tally.answered_s / (envs.num_envs * seconds)
    return tally


def _lock_step(envs: PoolVectorEnv, seconds: float, latency: Callable[[], float], answer: Any) -> float:
    """Step all episodes when the last answer is there."""
    start = time.perf_counter()
    answered_s = 0.0
    while time.perf_counter() - start < seconds:
        needed = [latency() for _ in range(envs.num_envs)]
        time.sleep(max(needed))
        answered_s += sum(needed)
        envs.step((answer,) * envs.num_envs)
    return answered_s / (envs.num_envs * (time.perf_counter() - start))
