"""Processes that play episodes for their parent, which survives the death of any of them."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Protocol, cast

from agemem_env.errors import exit_text
from agemem_env.vector.processes import Link, WorkerError, WorkerProcess, check_guard
from benchmarks.results.row import EpisodeRow
from benchmarks.specs import RunSpec

GRACE = 10.0
"""Seconds beyond an episode's time limit after which the parent ends the process that plays it."""


class Runner(Protocol):
    """Something that plays episodes, in one process."""

    def play(self, specs: Iterable[RunSpec]) -> Iterator[EpisodeRow]:
        """Yield the row of each episode as soon as it is over; take a further one only when there is room for it."""
        ...

    def close(self) -> None:
        """Release what the runner holds."""
        ...


@dataclass(frozen=True)
class WorkerSettings:
    """How episodes are given to processes.

    Attributes:
        make: Makes the runner of a process; a picklable function.
        workers: Number of processes.
        each: Episodes that a process plays at once.
        time_limit: Seconds per episode that the runner itself enforces where it can; None for no limit.
        lost: Makes the row of an episode whose process ended with some exit code.
        expired: Makes the row of an episode whose process had to be ended because of the time limit.
    """

    make: Callable[[], Runner]
    workers: int
    each: int
    time_limit: float | None
    lost: Callable[[RunSpec, int | None], EpisodeRow]
    expired: Callable[[RunSpec, float], EpisodeRow]


def in_processes(specs: Sequence[RunSpec], settings: WorkerSettings) -> Iterator[EpisodeRow]:
    """Yield the row of each episode as soon as it is over, played by several processes.

    A process that dies, or that hangs beyond the time limit and is ended, takes the episodes with it that it was
    playing; each of them is a row.
    """
    todo = deque(specs)
    workers: list[_Worker] = []
    try:
        for _ in range(min(settings.workers, len(specs))):
            workers.append(_Worker(settings, todo))
        while todo or any(worker.episodes for worker in workers):
            pipes = {worker.process.pipe: worker for worker in workers}
            for pipe in wait(list(pipes), timeout=_seconds_left(workers)):
                yield from pipes[cast(Connection, pipe)].receive()
            for worker in workers:
                yield from worker.end_if_late()
    finally:
        for worker in workers:
            worker.stop()


def _seconds_left(workers: Sequence[_Worker]) -> float | None:
    """Return the seconds until the next deadline; None if there is none."""
    deadlines = [d for worker in workers for d in worker.deadlines()]
    return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None


class _Worker:
    """A process and the episodes that it is playing.

    The process says once that it is ready; from then on it is sent a message, an episode or None for "no more",
    for each episode that it can still take.
    """

    def __init__(self, settings: WorkerSettings, todo: deque[RunSpec]) -> None:
        self._settings = settings
        self._todo = todo
        self.episodes: dict[str, tuple[RunSpec, float]] = {}
        self._ready = False
        self.process = self._start_process()

    def receive(self) -> Iterator[EpisodeRow]:
        """Take what the process has sent; start a new one if it died."""
        try:
            row: EpisodeRow | None = self.process.receive()
        except EOFError:
            episodes, self.episodes = self.episodes, {}
            exit_code = self.process.exit_code()
            if not self._ready:
                check_guard(exit_code)
                raise WorkerError(f"a process that was to play episodes {exit_text(exit_code)}") from None
            self._replace()
            yield from (self._settings.lost(spec, exit_code) for spec, _ in episodes.values())
            return
        if row is None:
            self._ready = True
            for _ in range(self._settings.each):
                self._send_next()
            return
        del self.episodes[row.config_hash]
        self._send_next()
        yield row

    def deadlines(self) -> Iterator[float]:
        """Yield when the process has to be ended if an episode is not over."""
        if self._settings.time_limit is not None:
            yield from (started + self._settings.time_limit + GRACE for _, started in self.episodes.values())

    def end_if_late(self) -> Iterator[EpisodeRow]:
        """End the process if an episode is far beyond its time."""
        limit = self._settings.time_limit
        if limit is None or min(self.deadlines(), default=math.inf) > time.monotonic():
            return
        episodes, self.episodes = self.episodes, {}
        self.process.kill()
        self._replace()
        yield from (self._settings.expired(spec, limit) for spec, _ in episodes.values())

    def stop(self) -> None:
        """End the process: by itself if it is idle, by force if it is playing or still starting."""
        if self.episodes or not self._ready:
            self.process.kill()
        self.process.stop()

    def _send_next(self) -> None:
        spec = self._todo.popleft() if self._todo else None
        if spec is not None:
            self.episodes[spec.config_hash] = spec, time.monotonic()
        self.process.send(spec)

    def _replace(self) -> None:
        self.process.stop()
        self.process = self._start_process()

    def _start_process(self) -> WorkerProcess:
        self._ready = False
        return WorkerProcess(_serve, self._settings.make)


def _serve(link: Link, make: Callable[[], Runner]) -> None:
    """Play what the parent sends until it closes the pipe."""
    with closing(make()) as runner, suppress(EOFError):
        link.send(None)
        while True:
            for row in runner.play(iter(link.receive, None)):
                link.send(row)
