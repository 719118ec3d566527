"""Plays episodes: specification in, result row out, in this process or in several.

A row depends on its specification alone: the policy is made anew for each episode and `reset` seeds all else,
so rows are the same whatever was played before, however many processes play, and however many episodes are in flight.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from functools import partial
from typing import Any, cast

from agemem_env.env import AgeMemEnv
from benchmarks.results.row import EpisodeRow
from benchmarks.run.backends.in_process import EpisodeRunner, PlayOptions
from benchmarks.run.backends.on_ray import on_ray
from benchmarks.run.backends.worker_processes import Runner, WorkerSettings, in_processes
from benchmarks.runs.streams import InOrder
from benchmarks.specs import RunSpec, make_env

BACKENDS = ("processes", "ray")
"""What plays: processes of this machine, or actors of a Ray cluster."""


def resolve(env_id: str, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Make an environment once, to check its arguments, and return them with its source and split.

    ``source="auto"`` depends on which data is present, and a split may have a second name; rows hold what they stood
    for.

    Raises:
        AgeMemError: If the environment cannot be made.
    """
    with closing(make_env(env_id, kwargs)) as env:
        core = cast(AgeMemEnv, env.unwrapped)
        return {**kwargs, "source": core.engine.source, "split": core.config.split}


def play(
    specs: Sequence[RunSpec],
    workers: int = 1,
    options: PlayOptions | None = None,
    runner: Callable[[PlayOptions], Runner] = EpisodeRunner,
    backend: str = "processes",
) -> Generator[EpisodeRow, None, None]:
    """Yield the row of each episode as soon as it is over: one at a time in the order of `specs`.

    Episodes that go on with the memory of others are played each after the one before it; without Ray in this process.

    Args:
        specs: The episodes, all different.
        workers: Number of processes; 1 plays in this one.
        options: How each process plays; the episodes in flight are those of all processes together.
        runner: Class of the runner, importable by other processes.
        backend: One of `BACKENDS`.

    Raises:
        MissingExtraError: If Ray is to play and is not installed.
    """
    chosen = options or PlayOptions()
    if backend == "ray":
        yield from on_ray(specs, chosen, workers)
        return
    apart = [spec for spec in specs if not spec.keeps_memory] if workers > 1 else []
    if len(apart) > 1:
        settings = WorkerSettings(
            partial(runner, chosen), workers, chosen.concurrency, chosen.time_limit, EpisodeRow.lost, EpisodeRow.expired
        )
        yield from in_processes(apart, settings)
        specs = [spec for spec in specs if spec.keeps_memory]
    ordered = InOrder(specs)
    with closing(runner(chosen)) as alone:
        for row in alone.play(ordered):
            ordered.ended(row.config_hash)
            yield row
