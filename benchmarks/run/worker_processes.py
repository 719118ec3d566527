"""Processes that play episodes for their parent, which survives the death of any of them."""

from __future__ import annotations

import math
import signal
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Protocol, cast

from agemem_env.errors import AgeMemError
from benchmarks.results.row import EpisodeRow
from benchmarks.specs import RunSpec

GRACE = 10.0
"""Seconds beyond an episode's time limit after which the parent ends the process that plays it."""


class WorkerError(AgeMemError, RuntimeError):
    """A process could not even start to play; its own error output says why."""


class Player(Protocol):
    """Something that plays episodes, in one process."""

    def play(self, specs: Iterable[RunSpec]) -> Iterator[EpisodeRow]:
        """Yield the row of each episode as soon as it is over; take a further one only when there is room for it."""
        ...

    def close(self) -> None:
        """Release what the player holds."""
        ...


@dataclass(frozen=True)
class Crew:
    """How episodes are given to processes.

    Attributes:
        make: Makes the player of a process; a picklable function.
        workers: Number of processes.
        each: Episodes that a process plays at once.
        time_limit: Seconds per episode that the player itself enforces where it can; None for no limit.
        lost: Makes the row of an episode whose process ended with some exit code.
        expired: Makes the row of an episode whose process had to be ended because of the time limit.
    """

    make: Callable[[], Player]
    workers: int
    each: int
    time_limit: float | None
    lost: Callable[[RunSpec, int | None], EpisodeRow]
    expired: Callable[[RunSpec, float], EpisodeRow]


def in_processes(specs: Sequence[RunSpec], crew: Crew) -> Iterator[EpisodeRow]:
    """Yield the row of each episode as soon as it is over, played by several processes.

    A process that dies, or that hangs beyond the time limit and is ended, takes the episodes with it that it was
    playing; each of them is a row.
    """
    todo = deque(specs)
    workers = [_Worker(crew, todo) for _ in range(min(crew.workers, len(specs)))]
    try:
        while todo or any(worker.jobs for worker in workers):
            pipes = {worker.pipe: worker for worker in workers}
            for pipe in wait(list(pipes), timeout=_patience(workers)):
                yield from pipes[cast(Connection, pipe)].receive()
            for worker in workers:
                yield from worker.expire()
    finally:
        for worker in workers:
            worker.stop()


def _patience(workers: Sequence[_Worker]) -> float | None:
    deadlines = [d for worker in workers for d in worker.deadlines()]
    return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None


class _Worker:
    """A process and the episodes that it is playing.

    The process says once that it is ready; from then on it is owed a message, an episode or None for "no more",
    for each episode that it can still take.
    """

    def __init__(self, crew: Crew, todo: deque[RunSpec]) -> None:
        self._crew = crew
        self._todo = todo
        self.jobs: dict[str, tuple[RunSpec, float]] = {}
        self._ready = False
        self.pipe, self._process = self._start()

    def receive(self) -> Iterator[EpisodeRow]:
        """Take what the process has sent; start a new one if it died."""
        try:
            row: EpisodeRow | None = self.pipe.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            jobs, self.jobs = self.jobs, {}
            exit_code = self._process.exitcode
            if not self._ready:
                raise WorkerError(f"a process that was to play episodes ended with exit code {exit_code}") from None
            self.pipe, self._process = self._start()
            yield from (self._crew.lost(spec, exit_code) for spec, _ in jobs.values())
            return
        if row is None:
            self._ready = True
            for _ in range(self._crew.each):
                self._give()
            return
        del self.jobs[row.config_hash]
        self._give()
        yield row

    def deadlines(self) -> Iterator[float]:
        """Yield when the process has to be ended if an episode is not over."""
        if self._crew.time_limit is not None:
            yield from (started + self._crew.time_limit + GRACE for _, started in self.jobs.values())

    def expire(self) -> Iterator[EpisodeRow]:
        """End the process if an episode is far beyond its time."""
        limit = self._crew.time_limit
        if limit is None or min(self.deadlines(), default=math.inf) > time.monotonic():
            return
        jobs, self.jobs = self.jobs, {}
        self._process.kill()
        self._process.join()
        self.pipe.close()
        self.pipe, self._process = self._start()
        yield from (self._crew.expired(spec, limit) for spec, _ in jobs.values())

    def stop(self) -> None:
        """End the process: by itself if it is idle, by force if it is playing."""
        if self.jobs:
            self._process.terminate()
        self.pipe.close()
        self._process.join()

    def _give(self) -> None:
        spec = self._todo.popleft() if self._todo else None
        if spec is not None:
            self.jobs[spec.config_hash] = spec, time.monotonic()
        with suppress(ConnectionError):  # a process that has died is noticed by receive()
            self.pipe.send(spec)

    def _start(self) -> tuple[Connection, SpawnProcess]:
        context = get_context("spawn")
        self._ready = False
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._crew.make), daemon=True)
        process.start()
        theirs.close()
        return ours, process


def _serve(pipe: Connection, make: Callable[[], Player]) -> None:
    """Play what the parent sends until it closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business; it stops this process
    with closing(make()) as player, suppress(EOFError, ConnectionError):
        pipe.send(None)
        while True:
            for row in player.play(iter(pipe.recv, None)):
                pipe.send(row)
