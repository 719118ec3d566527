"""Processes that play episodes for their parent, which survives the death of any of them."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from typing import Protocol, cast

from benchmarks.results import EpisodeRow
from benchmarks.suites import RunSpec


class Player(Protocol):
    """Something that plays episodes, in one process."""

    def play(self, spec: RunSpec) -> EpisodeRow:
        """Return the row of one episode."""
        ...

    def close(self) -> None:
        """Release what the player holds."""
        ...


Lost = Callable[[RunSpec, "int | None"], EpisodeRow]
"""Makes the row of an episode whose process ended with some exit code."""


def in_processes(specs: Sequence[RunSpec], workers: int, player: type[Player], lost: Lost) -> Iterator[EpisodeRow]:
    """Yield the row of each episode in the order of `specs`, played by several processes.

    Args:
        specs: The episodes.
        workers: Number of processes.
        player: Class of the player; each process has one.
        lost: Makes the row of an episode whose process died.
    """
    crew = [_Worker(player) for _ in range(min(workers, len(specs)))]
    todo = iter(enumerate(specs))
    done: dict[int, EpisodeRow] = {}
    position = 0
    try:
        for worker in crew:
            worker.give(next(todo, None))
        while busy := {worker.pipe: worker for worker in crew if worker.job is not None}:
            for pipe in wait(list(busy)):
                index, row = busy[cast(Connection, pipe)].take(lost)
                done[index] = row
                busy[cast(Connection, pipe)].give(next(todo, None))
            while position in done:
                yield done.pop(position)
                position += 1
    finally:
        for worker in crew:
            worker.stop()


class _Worker:
    """A process and the episode that it is playing."""

    def __init__(self, player: type[Player]) -> None:
        self._player = player
        self.job: tuple[int, RunSpec] | None = None
        self._start()

    def give(self, job: tuple[int, RunSpec] | None) -> None:
        """Hand the process its next episode, or none."""
        self.job = job
        if job is not None:
            with suppress(ConnectionError):  # a process that has died is noticed by take()
                self.pipe.send(job[1])

    def take(self, lost: Lost) -> tuple[int, EpisodeRow]:
        """Return the row that the process has ready; start a new process if it died."""
        assert self.job is not None, "only busy workers are waited for"
        index, spec = self.job
        try:
            return index, self.pipe.recv()
        except (EOFError, ConnectionError):
            self._process.join()
            row = lost(spec, self._process.exitcode)
            self._start()
            return index, row

    def stop(self) -> None:
        """End the process: by itself if it is idle, by force if it is playing."""
        if self.job is not None:
            self._process.terminate()
        self.pipe.close()
        self._process.join()

    def _start(self) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._player), daemon=True)
        self._process.start()
        theirs.close()


def _serve(pipe: Connection, player: type[Player]) -> None:
    """Play what the parent sends until it closes the pipe."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business; it stops this process
    with closing(player()) as mine:
        while True:
            try:
                spec = pipe.recv()
            except EOFError:
                return
            pipe.send(mine.play(spec))
