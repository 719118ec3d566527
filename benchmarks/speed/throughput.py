"""Measures how fast an environment is, in one process.

Figures depend on the machine, and on encoder and token counter, which are therefore named with them.
"""

from __future__ import annotations

import cProfile
import io
import pstats
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

import gymnasium as gym

import baselines
from agemem_env.env import AgeMemEnv
from agemem_env.services.encoders import make_encoder
from baselines.base import Info, Observation, Policy
from baselines.rollout import rollout
from benchmarks.specs import RunSpec, make_env

LONG_EPISODE = 500
"""Turns of the long episodes."""

WINDOW = 50
"""Turns at either end of a long episode whose step times are compared."""

LONG_EPISODES = 3
"""Number of long episodes."""


@dataclass(frozen=True)
class Throughput:
    """Speed of one environment.

    Attributes:
        episodes: Episodes played.
        steps: Steps taken.
        steps_per_second: Steps per second spent in `step`.
        loop_steps_per_second: Steps per second of the whole loop: policy and resets included.
        resets_per_second: Resets per second spent in `reset`.
    """

    episodes: int
    steps: int
    steps_per_second: float
    loop_steps_per_second: float
    resets_per_second: float


@dataclass(frozen=True)
class Flatness:
    """Mean time of a step early and late in a long episode, in microseconds; the last one scores the episode."""

    early: float
    late: float


class Stopwatch(gym.Wrapper[Any, Any, Any, Any]):
    """Times each step and each reset.

    Attributes:
        steps: Seconds of each step since the last `clear`.
        resets: Seconds of each reset since the last `clear`.
    """

    def __init__(self, env: gym.Env[Any, Any]) -> None:
        super().__init__(env)
        self.steps: list[float] = []
        self.resets: list[float] = []

    def clear(self) -> None:
        """Forget what was measured."""
        self.steps.clear()
        self.resets.clear()

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Reset, timed."""
        start = time.perf_counter()
        result = self.env.reset(seed=seed, options=options)
        self.resets.append(time.perf_counter() - start)
        return result

    def step(self, action: Any) -> tuple[Any, Any, bool, bool, dict[str, Any]]:
        """Step, timed."""
        start = time.perf_counter()
        result = self.env.step(action)
        self.steps.append(time.perf_counter() - start)
        return result


class Idle(Policy):
    """Says something polite until the turn limit."""

    name = "idle"

    def act(self, observation: Observation, info: Info) -> Any:
        """Return the same reply at each turn."""
        return "Noted."


def make(env_id: str, kwargs: Mapping[str, Any]) -> Stopwatch:
    """Return a timed environment, without the checks that Gymnasium makes in the first steps."""
    return Stopwatch(make_env(env_id, kwargs, checker=False))


def report(spec: RunSpec, seconds: float, profiled: bool) -> Iterator[str]:
    """Measure one benchmark and yield the lines to print.

    Args:
        spec: Environment and policy.
        seconds: How long to play.
        profiled: Whether to name the slowest functions.
    """
    with closing(make(spec.env_id, spec.env_kwargs)) as env:
        yield f"{spec.benchmark}, policy {spec.policy}, {describe(env)}"
        with closing(make(spec.env_id, long_episode(spec.env_kwargs))) as long:
            yield from lines(measure(env, spec.policy, seconds), flatness(long))
        if profiled:
            yield profile(env, spec.policy, seconds)


def measure(env: Stopwatch, policy: str, seconds: float) -> Throughput:
    """Play episodes for some seconds, after one that is not counted.

    Args:
        env: The environment.
        policy: Policy that plays, as `baselines.make` takes it.
        seconds: How long to play; the last episode is played to its end.
    """
    _play(env, policy, 0)
    env.clear()
    start = time.perf_counter()
    while not env.resets or time.perf_counter() - start < seconds:
        _play(env, policy, len(env.resets))
    whole = time.perf_counter() - start
    return Throughput(
        episodes=len(env.resets),
        steps=len(env.steps),
        steps_per_second=len(env.steps) / sum(env.steps),
        loop_steps_per_second=len(env.steps) / whole,
        resets_per_second=len(env.resets) / sum(env.resets),
    )


def flatness(env: Stopwatch) -> Flatness:
    """Compare the first and last turns of long episodes in an environment made with `long_episode`."""
    early: list[float] = []
    late: list[float] = []
    for seed in range(LONG_EPISODES):
        env.clear()
        rollout(env, Idle(), seed=seed)
        early += env.steps[:WINDOW]
        late += env.steps[-WINDOW:]
    return Flatness(early=1e6 * sum(early) / len(early), late=1e6 * sum(late) / len(late))


def long_episode(kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Return arguments with which an idle episode is one stage of `LONG_EPISODE` turns."""
    return {**kwargs, "stages": [3], "max_rounds": LONG_EPISODE}


def profile(env: Stopwatch, policy: str, seconds: float, top: int = 20) -> str:
    """Return cProfile's table of the functions with the most time of their own."""
    profiler = cProfile.Profile()
    with profiler:
        measure(env, policy, seconds)
    text = io.StringIO()
    pstats.Stats(profiler, stream=text).strip_dirs().sort_stats("tottime").print_stats(top)
    return text.getvalue()


def describe(env: Stopwatch) -> str:
    """Return what the figures of an environment depend on beside the machine."""
    core = cast(AgeMemEnv, env.unwrapped)
    _, info = env.reset(seed=0)
    encoder = core.config.encoder
    name = make_encoder(encoder).name
    return f"{info['source']} tasks, encoder {name}, token counter {info['token_counter']}"


def lines(speed: Throughput, flat: Flatness) -> Sequence[str]:
    """Return the figures as text."""
    window = f"turns 1-{WINDOW} and {LONG_EPISODE - WINDOW + 1}-{LONG_EPISODE} of {LONG_EPISODE}"
    return (
        f"  steps/s, step() alone        {speed.steps_per_second:12,.0f}",
        f"  steps/s, whole loop          {speed.loop_steps_per_second:12,.0f}",
        f"  resets/s                     {speed.resets_per_second:12,.0f}",
        f"  microseconds per step        {1e6 / speed.steps_per_second:12,.0f}",
        f"  ... in {window}: {flat.early:,.0f} and {flat.late:,.0f}",
        f"  measured over {speed.episodes:,} episodes, {speed.steps:,} steps",
    )


def _play(env: Stopwatch, policy: str, seed: int) -> None:
    rollout(env, baselines.make(policy, env, seed), seed=seed)
