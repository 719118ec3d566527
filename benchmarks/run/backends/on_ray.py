"""Plays episodes as Ray actors, on this machine or on a cluster: same rows, same trajectories, same resume.

An actor plays some episodes at a time and sends back row and trajectory of each; files are written here alone. What an
actor was playing when it or its node died is played again by another one.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory
from typing import Any

from agemem_env.errors import MissingExtraError, StorageError
from agemem_env.vector.processes import WorkerError
from benchmarks.results.row import EpisodeRow
from benchmarks.run.backends.in_process import EpisodeRunner, PlayOptions
from benchmarks.run.backends.worker_processes import GRACE
from benchmarks.runs.streams import InOrder
from benchmarks.specs import RunSpec
from benchmarks.trajectories.file import SUFFIX

DEATHS = 3
"""So often an episode is played again because its actor died; then its row says so."""

START_SECONDS = 300.0
"""Seconds after which a run ends if no actor could be started."""


class RayPlayer:
    """What plays on a node: as many runners as it has episodes in flight.

    Args:
        options: How to play; trajectories are written to a folder of the node and sent back from there.
    """

    def __init__(self, options: PlayOptions) -> None:
        self._folder = TemporaryDirectory(prefix="agemem-")
        self._path = Path(self._folder.name)
        kept = None if options.trajectories is None else self._path
        self._runners: SimpleQueue[EpisodeRunner] = SimpleQueue()
        for _ in range(options.concurrency):
            self._runners.put(EpisodeRunner(replace(options, concurrency=1, trajectories=kept)))

    def ready(self) -> int:
        """Return the number of the process."""
        return os.getpid()

    def play(self, spec: RunSpec, before: bytes | None) -> tuple[EpisodeRow, bytes | None]:
        """Return row and trajectory of an episode.

        Args:
            spec: The episode.
            before: Trajectory of the episode whose memory it goes on with.
        """
        if before is not None:
            self._file(spec.after).write_bytes(before)
        runner = self._runners.get()
        try:
            (row,) = runner.play([spec])
        finally:
            self._runners.put(runner)
        file = self._file(spec.config_hash)
        content = file.read_bytes() if file.exists() else None
        for name in (spec.config_hash, spec.after):
            self._file(name).unlink(missing_ok=True)
        return row, content

    def _file(self, key: str | None) -> Path:
        return self._path / f"{key}{SUFFIX}"


@dataclass(eq=False)
class _Actor:
    """An actor and what it is doing.

    Attributes:
        handle: Ray's handle.
        started: The call that ends when it is ready; None once it is.
        playing: Calls in flight, each with its episode and when it began.
    """

    handle: Any
    started: Any
    playing: dict[Any, tuple[RunSpec, float]] = field(default_factory=dict)


def on_ray(specs: Sequence[RunSpec], options: PlayOptions, actors: int) -> Iterator[EpisodeRow]:
    """Yield the row of each episode as soon as it is over, played by Ray actors.

    Ray is the cluster that this process belongs to or that ``RAY_ADDRESS`` names, else one of this machine.

    Args:
        specs: The episodes, all different.
        options: How each actor plays; ``trajectories`` is a folder of this machine.
        actors: Number of actors, a processor each.

    Raises:
        MissingExtraError: If Ray is not installed.
        WorkerError: If no actor can be started.
        StorageError: If a trajectory cannot be written.
    """
    try:
        import ray
    except ImportError:
        raise MissingExtraError("ray", "ray", "the backend ray") from None
    own = not ray.is_initialized()
    if own:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        ray.init(log_to_driver=False, logging_level="ERROR", include_dashboard=False)
    crew = _Crew(ray, options, InOrder(specs))
    try:
        for _ in range(min(actors, len(specs))):
            crew.hire()
        yield from crew.rows()
    finally:
        crew.dismiss()
        if own:
            ray.shutdown()


class _Crew:
    """The actors of a run, and the episodes that are left.

    Args:
        ray: The module.
        options: How each actor plays.
        todo: The episodes.
    """

    def __init__(self, ray: Any, options: PlayOptions, todo: InOrder) -> None:
        self._ray = ray
        self._options = options
        self._todo = todo
        self._again: list[RunSpec] = []
        self._deaths: dict[str, int] = {}
        self._actors: list[_Actor] = []
        self._make = ray.remote(RayPlayer).options(num_cpus=1, max_restarts=0, max_concurrency=options.concurrency + 1)
        self._began = time.monotonic()

    def hire(self) -> None:
        """Start an actor."""
        handle = self._make.remote(self._options)
        self._actors.append(_Actor(handle, handle.ready.remote()))

    def dismiss(self) -> None:
        """End all actors."""
        for actor in self._actors:
            with suppress(Exception):  # one that has died is ended already
                self._ray.kill(actor.handle)
        self._actors = []

    def rows(self) -> Iterator[EpisodeRow]:
        """Yield the rows."""
        while True:
            self._give_work()
            calls = {call: actor for actor in self._actors for call in (actor.started, *actor.playing) if call}
            if not any(actor.playing for actor in self._actors) and not self._again and self._todo.empty:
                return
            ended, _ = self._ray.wait(list(calls), num_returns=1, timeout=self._patience())
            for call in ended:
                row = self._take(calls[call], call)
                if row is not None:
                    self._todo.ended(row.config_hash)
                    yield row
            yield from self._late()

    def _give_work(self) -> None:
        for actor in self._actors:
            while actor.started is None and len(actor.playing) < self._options.concurrency:
                spec = self._again.pop() if self._again else next(self._todo, None)
                if spec is None:
                    return
                call = actor.handle.play.remote(spec, self._before(spec))
                actor.playing[call] = spec, time.monotonic()

    def _before(self, spec: RunSpec) -> bytes | None:
        """Return the trajectory of the episode before this one."""
        if spec.after is None or self._options.trajectories is None:
            return None
        file = self._options.trajectories / f"{spec.after}{SUFFIX}"
        return file.read_bytes() if file.exists() else None

    def _take(self, actor: _Actor, call: Any) -> EpisodeRow | None:
        """Take what a call has returned; replace the actor if it died."""
        try:
            result = self._ray.get(call)
        except self._ray.exceptions.RayActorError as error:
            return self._bury(actor, str(error).partition("\n")[0])
        except self._ray.exceptions.RayTaskError as error:
            spec, _ = actor.playing.pop(call)
            return EpisodeRow.crashed(spec, error)
        if call is actor.started:
            actor.started = None
            return None
        del actor.playing[call]
        row, trajectory = result
        return self._stored(row, trajectory)

    def _stored(self, row: EpisodeRow, trajectory: bytes | None) -> EpisodeRow:
        if trajectory is not None and self._options.trajectories is not None:
            file = self._options.trajectories / f"{row.config_hash}{SUFFIX}"
            try:
                file.write_bytes(trajectory)
            except OSError as error:
                return EpisodeRow.crashed(row.spec, StorageError(f"cannot write {file}: {error.strerror}"))
        return row

    def _bury(self, actor: _Actor, why: str) -> EpisodeRow | None:
        """Replace an actor that died and have its episodes played again; return the row of one that died too often."""
        if actor not in self._actors:
            return None
        if actor.started is not None:
            raise WorkerError(f"a Ray actor that was to play episodes could not start: {why}")
        self._actors.remove(actor)
        lost = None
        for spec, _ in actor.playing.values():
            self._deaths[spec.config_hash] = deaths = self._deaths.get(spec.config_hash, 0) + 1
            if deaths > DEATHS and lost is None:
                lost = EpisodeRow.lost(spec, None)
            else:
                self._again.append(spec)
        self.hire()
        return lost

    def _patience(self) -> float | None:
        """Return how long to wait for the next call to end."""
        if all(actor.started is not None for actor in self._actors):
            left = self._began + START_SECONDS - time.monotonic()
            if left <= 0:
                raise WorkerError(
                    f"no Ray actor could be started within {START_SECONDS:.0f} s: has the cluster a free processor?"
                )
            return left
        limit = self._options.time_limit
        began = [begin for actor in self._actors for _, begin in actor.playing.values()]
        return None if limit is None or not began else max(0.0, min(began) + limit + GRACE - time.monotonic())

    def _late(self) -> Iterator[EpisodeRow]:
        """End actors with an episode that hangs far beyond its time; what else they played is played again."""
        limit = self._options.time_limit
        if limit is None:
            return
        for actor in list(self._actors):
            late = [s for s, begin in actor.playing.values() if time.monotonic() > begin + limit + GRACE]
            if late:
                self._actors.remove(actor)
                with suppress(Exception):
                    self._ray.kill(actor.handle)
                self._again += [spec for spec, _ in actor.playing.values() if spec not in late]
                self.hire()
                for spec in late:
                    self._todo.ended(spec.config_hash)
                    yield EpisodeRow.expired(spec, limit)
