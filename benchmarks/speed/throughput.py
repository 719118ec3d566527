"""Measures how fast the environments are: alone, beside the engines that others use, and side by side.

Figures depend on the machine, and on encoder and token counter, which are therefore named with them.
"""

from __future__ import annotations

import cProfile
import io
import pstats
import statistics
import time
from contextlib import closing
from dataclasses import dataclass
from typing import cast

import baselines
from agemem_env.env import AgeMemEnv
from agemem_env.services.encoders import make_encoder
from baselines.rollout import rollout
from benchmarks.specs import RunSpec
from benchmarks.speed import growth, overhead, resets, vector_rates
from benchmarks.speed.growth import Curve, Flatness, Growth
from benchmarks.speed.overhead import Costs
from benchmarks.speed.probe import Probe, env_script, probe
from benchmarks.speed.resets import Resets
from benchmarks.speed.stopwatch import Stopwatch, make
from benchmarks.speed.vector_rates import VectorRates

SIDE_BY_SIDE = (1, 2, 4, 16, 64)
"""Numbers of environments side by side."""

MOST_PROCESSES = 16
"""Most environments for which Gymnasium's vector, a process each, is measured."""

MOST_MACHINES = 4
"""The same where each process needs a Java virtual machine of its own."""

WARM_UP = 10
"""Rounds side by side that are not counted where virtual machines, each for itself, compile what they play."""

EPISODES = 6
"""Episodes in which the layers are timed."""

TOGETHER = 16
"""Environments in one process whose memory is measured."""

STOCK_TOGETHER = 2
"""The same for stock engines, some of which take a gigabyte each."""


@dataclass(frozen=True)
class Throughput:
    """Speed of one environment.

    Attributes:
        episodes: Episodes played.
        steps: Steps taken.
        steps_per_second: Steps per second spent in `step`.
        loop_steps_per_second: Steps per second of the whole loop: policy and resets included.
        resets_per_second: Resets per second spent in `reset`.
        median: Median time of a step, in microseconds.
    """

    episodes: int
    steps: int
    steps_per_second: float
    loop_steps_per_second: float
    resets_per_second: float
    median: float


@dataclass(frozen=True)
class Beside:
    """An environment beside the engine that others use, and many of it side by side.

    Attributes:
        costs: Of a command in each layer; None if the benchmark has no commands.
        stock: The stock engine's package alone; None if it is not installed.
        env: The environments in one process.
        vectors: Environments side by side.
    """

    costs: Costs | None
    stock: Probe | None
    env: Probe | None
    vectors: tuple[VectorRates, ...]


@dataclass(frozen=True)
class Report:
    """What was measured of one benchmark.

    Attributes:
        benchmark: Its name.
        head: What the figures depend on beside the machine.
        speed: With the policy.
        idle: With `do-nothing`.
        resets: Of tasks and snapshots.
        flat: In long episodes.
        context: As the context grows.
        memory: As the memory grows.
        beside: Beside others; None if that was not asked for.
        profile: The slowest functions, or an empty text.
    """

    benchmark: str
    head: str
    speed: Throughput
    idle: Throughput
    resets: Resets
    flat: Flatness
    context: Curve
    memory: Growth
    beside: Beside | None
    profile: str


def report(spec: RunSpec, seconds: float, *, full: bool = False, profiled: bool = False) -> Report:
    """Measure one benchmark.

    Args:
        spec: Environment and policy.
        seconds: How long to play.
        full: Whether to measure it beside others.
        profiled: Whether to name the slowest functions.
    """
    tasks = resets.measure(spec.env_id, spec.env_kwargs)  # first: later on, tasks have been made
    with closing(make(spec.env_id, spec.env_kwargs)) as env:
        head = f"{spec.benchmark}, policy {spec.policy}, {describe(env)}"
        speed, idle = measure(env, spec.policy, seconds), measure(env, "do-nothing", min(seconds, 1.0))
        slowest = profile(env, spec.policy, seconds) if profiled else ""
    with closing(make(spec.env_id, growth.long_episode(spec.env_kwargs))) as long:
        flat = growth.flatness(long)
    return Report(
        benchmark=spec.benchmark,
        head=head,
        speed=speed,
        idle=idle,
        resets=tasks,
        flat=flat,
        context=growth.with_context(spec.env_id, spec.env_kwargs),
        memory=growth.with_memory(spec.env_id, spec.env_kwargs),
        beside=beside(spec) if full else None,
        profile=slowest,
    )


def beside(spec: RunSpec) -> Beside:
    """Measure a benchmark beside the engine that others use, and many environments of it side by side."""
    costs = overhead.measure(spec.benchmark, spec.env_id, EPISODES, spec.env_kwargs)
    machines = spec.benchmark == "SciWorld"
    most, warm_up = (MOST_MACHINES, WARM_UP) if machines else (MOST_PROCESSES, 1)
    return Beside(
        costs=costs,
        stock=probe(costs.alone, STOCK_TOGETHER) if costs is not None and costs.alone else None,
        env=probe(env_script(spec.env_id, spec.env_kwargs), TOGETHER),
        vectors=tuple(
            vector_rates.measure(
                spec.env_id, spec.env_kwargs, count, rounds=3, steps=30, warm_up=warm_up, gymnasium=count <= most
            )
            for count in SIDE_BY_SIDE
        ),
    )


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
        median=1e6 * statistics.median(env.steps),
    )


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


def _play(env: Stopwatch, policy: str, seed: int) -> None:
    rollout(env, baselines.make(policy, env, seed), seed=seed)
