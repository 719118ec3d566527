"""Measures how fast an environment is, in one process.

Figures depend on the machine, and on encoder and token counter, which are therefore named with them.
"""

from __future__ import annotations

import cProfile
import io
import pstats
import statistics
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import cast

from rich import box
from rich.console import Console
from rich.table import Table

import baselines
from agemem_env.env import AgeMemEnv
from agemem_env.services.encoders import make_encoder
from baselines.rollout import rollout
from benchmarks.specs import RunSpec
from benchmarks.speed import growth
from benchmarks.speed.growth import Flatness, Growth, Searches
from benchmarks.speed.stopwatch import Stopwatch, make

BOUND = 1.5
"""What a turn at the end of a long episode, or at a full context, may cost against one at the start."""


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
class Report:
    """What was measured of one benchmark.

    Attributes:
        benchmark: Its name.
        head: What the figures depend on beside the machine.
        speed: With the policy.
        idle: With `do-nothing`.
        flat: In long episodes.
        context: As the context grows.
        memory: As the memory grows.
        profile: The slowest functions, or an empty text.
    """

    benchmark: str
    head: str
    speed: Throughput
    idle: Throughput
    flat: Flatness
    context: Growth
    memory: Growth
    profile: str


def report(spec: RunSpec, seconds: float, profiled: bool) -> Report:
    """Measure one benchmark.

    Args:
        spec: Environment and policy.
        seconds: How long to play.
        profiled: Whether to name the slowest functions.
    """
    with closing(make(spec.env_id, spec.env_kwargs)) as env:
        head = f"{spec.benchmark}, policy {spec.policy}, {describe(env)}"
        speed, idle = measure(env, spec.policy, seconds), measure(env, "do-nothing", min(seconds, 1.0))
        slowest = profile(env, spec.policy, seconds) if profiled else ""
    with closing(make(spec.env_id, growth.long_episode(spec.env_kwargs))) as long:
        flat = growth.flatness(long)
    context = growth.with_context(spec.env_id, spec.env_kwargs)
    memory = growth.with_memory(spec.env_id, spec.env_kwargs)
    return Report(spec.benchmark, head, speed, idle, flat, context, memory, slowest)


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


def lines(found: Report) -> Sequence[str]:
    """Return the figures of one benchmark as text."""
    speed, flat, window = found.speed, found.flat, growth.WINDOW
    full = "never" if flat.full is None else f"{flat.full:,.0f}, {_ratio(flat.early, flat.full)} times the first"
    return (
        found.head,
        f"  steps/s, step() alone        {speed.steps_per_second:12,.0f}",
        f"  steps/s, whole loop          {speed.loop_steps_per_second:12,.0f}",
        f"  resets/s                     {speed.resets_per_second:12,.0f}",
        f"  microseconds per step        {1e6 / speed.steps_per_second:12,.0f}",
        f"  ... median                   {speed.median:12,.0f}",
        f"  ... median of do-nothing     {found.idle.median:12,.0f}",
        f"  ... first and last {window} of {growth.LONG_EPISODE} turns: {flat.early:,.0f} and {flat.late:,.0f}, "
        f"ratio {_ratio(flat.early, flat.late)}",
        f"  ... first {window} turns with a full context: {full}",
        f"  ... at the start and at {growth.CONTEXT:,} tokens: {_pair(found.context)}",
        f"  ... with {growth.ENTRIES[0]:,} and {growth.ENTRIES[1]:,} entries in memory: {_pair(found.memory)}",
        f"  measured over {speed.episodes:,} episodes, {speed.steps:,} steps",
        *([found.profile] if found.profile else []),
    )


def search_line(found: Searches) -> str:
    """Return the times of searches as text."""
    return (
        f"a search in {growth.ENTRIES[1]:,} entries takes {found.plain:.1f} ms, with a metadata filter "
        f"{found.filtered:.1f} ms"
    )


def show(reports: Sequence[Report], console: Console) -> None:
    """Print one row per benchmark."""
    table = Table(box=box.SIMPLE_HEAD, title="Median microseconds per step", title_justify="left")
    names = ("Benchmark", "Resets/s", "Steps/s", "Idle", "First", "Last", "Ratio", "Full", "Ratio", "64k", "Entries")
    for name in names:
        table.add_column(name, justify="left" if name == "Benchmark" else "right")
    for found in reports:
        flat = found.flat
        table.add_row(
            found.benchmark,
            f"{found.speed.resets_per_second:,.0f}",
            f"{found.speed.steps_per_second:,.0f}",
            *(f"{value:,.0f}" for value in (found.idle.median, flat.early, flat.late)),
            _ratio(flat.early, flat.late),
            "–" if flat.full is None else f"{flat.full:,.0f}",
            "–" if flat.full is None else _ratio(flat.early, flat.full),
            _ratio(found.context.small, found.context.large),
            _ratio(found.memory.small, found.memory.large),
        )
    console.print(table)
    console.print(
        f"Idle: do-nothing in usual episodes. First, Last: {growth.WINDOW} turns of idle episodes of "
        f"{growth.LONG_EPISODE:,} turns; Full: the first {growth.WINDOW} with a full context; their ratios to First "
        f"are to stay below {BOUND}. 64k: at {growth.CONTEXT:,} tokens against the start. Entries: with "
        f"{growth.ENTRIES[1]:,} entries in memory against {growth.ENTRIES[0]}, without retrieval."
    )


def _ratio(before: float, after: float) -> str:
    return f"{after / before:.2f}"


def _pair(found: Growth) -> str:
    return f"{found.small:,.0f} and {found.large:,.0f}, ratio {_ratio(found.small, found.large)}"


def _play(env: Stopwatch, policy: str, seed: int) -> None:
    rollout(env, baselines.make(policy, env, seed), seed=seed)
