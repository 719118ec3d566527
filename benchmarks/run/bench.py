"""What `agemem bench` does: choose episodes, play those that are missing, keep the rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import combinations
from pathlib import Path
from typing import Any

from agemem_env.data.environment import environment_variables
from agemem_env.data.ownership import Ownership, real_file, refuse_if_owned
from agemem_env.errors import AgeMemError, ConfigurationError, DataError, StorageError
from agemem_env.services.cassette.cassette import VARIABLE, prepare, tidy
from benchmarks.results.file import ResultFile
from benchmarks.run.checks import check_run
from benchmarks.run.choose import Say, choose
from benchmarks.run.config_file import keep_config
from benchmarks.run.failures import FailureWatch, RunEndedError
from benchmarks.run.in_process import PlayOptions
from benchmarks.run.models import ModelOptions
from benchmarks.run.play import play
from benchmarks.run.players import players
from benchmarks.specs import DEFAULT_POLICIES, RunSpec

Track = Callable[[int], None]
"""Takes the number of rows that are there, at the start and after each episode."""


class InterruptedRunError(AgeMemError, RuntimeError):
    """The user ended the run; what was played is in the file."""


@dataclass(frozen=True)
class BenchRequest:
    """What is asked for.

    Attributes:
        seeds: Seeds of the episodes.
        benchmarks: Names, or ``module:Class`` of engines from elsewhere; empty means all that can be played here.
        policies: As `players` takes them.
        memories: As `players` takes them.
        env_kwargs: Arguments of the environments.
        model: Options of the models.
        options: How each process plays, and how models are reached.
        workers: Number of processes.
        record: File to which every request of models is recorded.
        replay: File from which every request of models is answered.
        output: File of rows; None for one of its own.
        overwrite: Replace the file if it exists.
        resume: Play only what the file lacks.
        config: File that some of the options came from; its content is written beside the rows.

    Raises:
        ConfigurationError: If two of them exclude each other.
    """

    seeds: Sequence[int]
    benchmarks: Sequence[str] = ()
    policies: Sequence[str] = DEFAULT_POLICIES
    memories: Sequence[str] = ()
    env_kwargs: Mapping[str, Any] = field(default_factory=dict)
    model: ModelOptions = field(default_factory=ModelOptions)
    options: PlayOptions = field(default_factory=PlayOptions)
    workers: int = 1
    record: Path | None = None
    replay: Path | None = None
    output: Path | None = None
    overwrite: bool = False
    resume: bool = False
    config: Path | None = None

    def __post_init__(self) -> None:
        """Check what does not go together."""
        if self.overwrite and self.resume:
            raise ConfigurationError("--overwrite and --resume exclude each other")
        if self.resume and self.output is None:
            raise ConfigurationError("--resume needs the file to go on with: add --output FILE")
        if self.record is not None and self.replay is not None:
            raise ConfigurationError("--record and --replay exclude each other")


@contextmanager
def untracked(total: int) -> Iterator[None]:
    """Track no progress."""
    yield


def bench(request: BenchRequest, say: Say, progress: Callable[[int], AbstractContextManager[Track | None]]) -> Path:
    """Play the episodes that were asked for and that the file of rows lacks; return the file.

    Args:
        request: What is asked for.
        say: Takes lines for the user.
        progress: Given the number of episodes, a context in which progress is tracked.

    Raises:
        InterruptedRunError: If the user interrupted the run; the message says how to go on.
        RunEndedError: If a service is down; what was played is in the file, and the message says how to go on.
        StorageError: If the disk is full; likewise.
        AgeMemError: If something of the request is wrong or not there; nothing was played then.
    """
    different_files(request)
    with cassette(request.record, request.replay, say), ExitStack() as stack:
        file = None if request.output is None else stack.enter_context(result_file(request, request.output, say))
        specs = chosen(request, say)
        if file is None:
            file = stack.enter_context(ResultFile(default_path(specs)))
        check_run(missing(file, specs), request.options.access)
        file.begin()
        keep_config(request.config, file.path)
        try:
            with progress(len(specs)) as track:
                fill(file, specs, request.workers, request.options, track)
            arrange(file, specs, say)
        except KeyboardInterrupt:
            raise InterruptedRunError(f"interrupted; {how_to_go_on(file.path)}") from None
        except RunEndedError as error:
            raise RunEndedError(f"{error}; once that is mended, {how_to_go_on(file.path)}") from error
        except StorageError as error:
            raise StorageError(f"{error}; make room, then {how_to_go_on(file.path)}") from error
    return file.path


def how_to_go_on(path: Path) -> str:
    """Return what to do when a run has ended too early."""
    return f"`agemem bench ... --resume --output {path}` goes on"


def different_files(request: BenchRequest) -> None:
    """Check that a run was not told to write a file for two purposes, or to read one that it writes.

    Raises:
        ConfigurationError: If it was.
    """
    named = {"--output": request.output, "--record": request.record, "--replay": request.replay}
    files = {option: path for option, path in (*named.items(), ("--config", request.config)) if path is not None}
    for (one, path), (other, same) in combinations(files.items(), 2):
        if real_file(path) == real_file(same):
            raise ConfigurationError(f"{one} and {other} are the same file, {path}; name two")


def result_file(request: BenchRequest, path: Path, say: Say) -> ResultFile:
    """Return the file of rows that was asked for, which now belongs to this run.

    Raises:
        AgeMemError: If it cannot be used.
    """
    file = ResultFile(path, overwrite=request.overwrite, resume=request.resume)
    if file.torn:
        say(f"{path}: the last line had been cut off and was dropped; its episode is played again")
    return file


def chosen(request: BenchRequest, say: Say) -> list[RunSpec]:
    """Return the episodes that were asked for.

    Raises:
        AgeMemError: If something of the request is wrong or not there.
    """
    who = players(request.policies, request.memories, request.model.to_dict())
    return choose(request.benchmarks, who, request.seeds, request.env_kwargs, say, request.options.access)


@contextmanager
def cassette(record: Path | None, replay: Path | None, say: Say) -> Iterator[None]:
    """Have every client of this process and its children record to a file, or answer from one.

    A file that is recorded to belongs to this run until the end, when it is tidied if the run is complete.

    Raises:
        ConfigurationError: If another run records to the file, or it cannot be recorded to.
        DataError: If a file to be replayed cannot be.
    """
    path = record or replay
    if path is None:
        yield
        return
    variable = environment_variables({VARIABLE: f"{'replay' if record is None else 'record'}:{path}"})
    with _recording(record, say) if record is not None else _reading(path), variable:
        yield


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Replay from a file that nobody records to."""
    if not real_file(path).exists():
        raise DataError(f"cannot read the cassette {path}: there is no such file; record it first")
    refuse_if_owned(path)
    yield


@contextmanager
def _recording(path: Path, say: Say) -> Iterator[None]:
    """Own a file that is recorded to; leave no empty one behind if the run is refused."""
    with Ownership(path) as owned:
        fresh = not owned.path.exists()
        prepare(path)
        try:
            yield
        except BaseException:
            if fresh and owned.path.exists() and not owned.path.stat().st_size:
                owned.path.unlink()
            raise
        try:
            tidy(path)
        except StorageError as error:
            say(str(error))


def default_path(specs: Sequence[RunSpec]) -> Path:
    """Return ``runs/<UTC time>-<digest of the episodes>/results.jsonl``."""
    digest = hashlib.blake2b("".join(s.config_hash for s in specs).encode(), digest_size=4).hexdigest()
    return Path("runs") / f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{digest}" / "results.jsonl"


def fill(
    file: ResultFile,
    specs: Sequence[RunSpec],
    workers: int,
    options: PlayOptions,
    track: Track | None = None,
) -> None:
    """Play the episodes that a file lacks and append their rows.

    A row is written when its episode is over, so that nothing played is lost.

    Args:
        file: The file.
        specs: The episodes.
        workers: Number of processes.
        options: How each process plays.
        track: Told how many rows are there.

    Raises:
        RunEndedError: If a service is down.
        StorageError: If a row or a recording cannot be written.
    """
    todo = missing(file, specs)
    there = len(specs) - len(todo)
    if track is not None:
        track(there)
    watch = FailureWatch()
    with closing(play(todo, workers, options)) as rows:
        for row in rows:
            file.append(row)
            there += 1
            if track is not None:
                track(there)
            watch.look(row)


def arrange(file: ResultFile, specs: Sequence[RunSpec], say: Say) -> None:
    """Bring the rows of a complete run into the order of the episodes; on a full disk they stay as they came."""
    try:
        file.arrange(specs)
    except StorageError as error:
        say(f"{error}; nothing is lost")


def missing(file: ResultFile, specs: Sequence[RunSpec]) -> list[RunSpec]:
    """Return the episodes that a file has no good row of."""
    return [spec for spec in specs if spec.config_hash not in file.finished]
