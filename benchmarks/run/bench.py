"""What `agemem bench` does: choose episodes, play those that are missing, keep the rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from itertools import combinations
from pathlib import Path
from typing import Any

import agemem_env
from agemem_env.data.environment import environment_variables
from agemem_env.data.ownership import Ownership, real_file, refuse_if_owned
from agemem_env.errors import AgeMemError, ConfigurationError, DataError, StorageError, unknown_name
from agemem_env.services.cassette.cassette import VARIABLE, prepare, tidy
from benchmarks.processes import check_waiting
from benchmarks.results.file import ResultFile
from benchmarks.results.row import EpisodeRow
from benchmarks.run.backends.in_process import PlayOptions
from benchmarks.run.checks import check_run
from benchmarks.run.choose import Say, choose
from benchmarks.run.config_file import keep_config
from benchmarks.run.failures import FailureWatch, RunEndedError
from benchmarks.run.models import ModelOptions
from benchmarks.run.play import BACKENDS, play
from benchmarks.run.players import players
from benchmarks.runs.configuration import RunConfiguration
from benchmarks.runs.folder import ROWS, RunFolder
from benchmarks.runs.provenance import provenance
from benchmarks.specs import DEFAULT_POLICIES, RunSpec
from benchmarks.suites.suite import Suite

Track = Callable[[EpisodeRow, bool], None]
"""Takes each row: those that were there already, and then those that are played now, which the flag tells apart."""

Progress = Callable[[Sequence[RunSpec]], AbstractContextManager["Track | None"]]
"""Given all episodes, a context in which their rows are tracked."""


class InterruptedRunError(AgeMemError, RuntimeError):
    """The user ended the run; what was played is in the file."""


@dataclass(frozen=True)
class BenchRequest:
    """What is asked for.

    Attributes:
        seeds: Seeds of the episodes; of no meaning with a suite.
        benchmarks: Names, or ``module:Class`` of engines from elsewhere; empty means all that can be played here.
        policies: As `players` takes them; empty means those of the suite, or the default ones.
        memories: As `players` takes them; empty means those of the suite unless policies are named.
        env_kwargs: Arguments of the environments.
        model: Options of the models.
        options: How each process plays, and how models are reached.
        workers: Number of processes.
        record: File to which every request of models is recorded.
        replay: File from which every request of models is answered.
        output: Run folder; None for one of its own.
        overwrite: Replace the run that is in it.
        resume: Play only what that run lacks.
        config: File that some of the options came from; its content is written beside the rows.
        suite: The suite to play, of which `benchmarks` names a part; `env_kwargs` replace its arguments.
        backend: What plays, one of `benchmarks.run.play.BACKENDS`.

    Raises:
        ConfigurationError: If two of them exclude each other.
    """

    seeds: Sequence[int]
    benchmarks: Sequence[str] = ()
    policies: Sequence[str] = ()
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
    suite: Suite | None = None
    backend: str = "processes"

    def __post_init__(self) -> None:
        """Check what does not go together."""
        if self.overwrite and self.resume:
            raise ConfigurationError("--overwrite and --resume exclude each other")
        if self.resume and self.output is None:
            raise ConfigurationError("--resume needs the run to go on with: add --output FOLDER")
        if self.record is not None and self.replay is not None:
            raise ConfigurationError("--record and --replay exclude each other")
        if self.backend not in BACKENDS:
            raise unknown_name("backend", self.backend, BACKENDS)
        if self.backend == "processes":  # a cluster has as many processors as it has
            check_waiting("--workers", self.workers)
        if self.backend == "ray" and (self.record or self.replay):
            raise ConfigurationError("--record and --replay are not allowed with --backend ray: recordings are local")


@contextmanager
def untracked(specs: Sequence[RunSpec]) -> Iterator[None]:
    """Track no progress."""
    yield


def bench(request: BenchRequest, say: Say, progress: Progress) -> Path:
    """Play the episodes that were asked for and that the run folder lacks; return the folder.

    Args:
        request: What is asked for.
        say: Takes lines for the user.
        progress: Tracks the rows.

    Raises:
        InterruptedRunError: If the user interrupted the run; the message says how to go on.
        RunEndedError: If a service is down; what was played is in the folder, and the message says how to go on.
        StorageError: If the disk is full; likewise.
        AgeMemError: If something of the request is wrong or not there; nothing was played then.
    """
    different_files(request)
    with cassette(request.record, request.replay, say), ExitStack() as stack:
        run = None if request.output is None else stack.enter_context(run_folder(request, request.output, say))
        specs = chosen(request, say)
        if run is None:
            run = stack.enter_context(RunFolder(default_path(specs)))
        suite = None if request.suite is None else request.suite.name
        configuration = RunConfiguration.of(specs, agemem_env.__version__, suite)
        run.check(configuration)
        check_run(missing(run, specs), request.options.access)
        run.begin(configuration, provenance((spec.benchmark, str(spec.env_kwargs.get("source"))) for spec in specs))
        keep_config(request.config, run.path)
        try:
            with progress(specs) as track:
                fill(run, specs, request, track)
            arrange(run.rows, specs, say)
        except KeyboardInterrupt:
            raise InterruptedRunError(f"interrupted; {how_to_go_on(run.path)}") from None
        except RunEndedError as error:
            raise RunEndedError(f"{error}; once that is mended, {how_to_go_on(run.path)}") from error
        except StorageError as error:
            raise StorageError(f"{error}; make room or mend what is wrong, then {how_to_go_on(run.path)}") from error
    return run.path


def how_to_go_on(path: Path) -> str:
    """Return what to do when a run has ended too early."""
    return f"`agemem bench ... --resume --output {path}` goes on"


def different_files(request: BenchRequest) -> None:
    """Check that a run was not told to write a file for two purposes, or to read one that it writes.

    Raises:
        ConfigurationError: If it was.
    """
    rows = None if request.output is None else request.output / ROWS
    named = {"--output": rows, "--record": request.record, "--replay": request.replay}
    files = {option: path for option, path in (*named.items(), ("--config", request.config)) if path is not None}
    for (one, path), (other, same) in combinations(files.items(), 2):
        if real_file(path) == real_file(same):
            raise ConfigurationError(f"{one} and {other} are the same file, {path}; name two")


def run_folder(request: BenchRequest, path: Path, say: Say) -> RunFolder:
    """Return the run folder that was asked for, which now belongs to this run.

    Raises:
        AgeMemError: If it cannot be used.
    """
    run = RunFolder(path, overwrite=request.overwrite, resume=request.resume)
    if run.rows.torn:
        say(f"{run.rows.path}: the last line had been cut off and was dropped; its episode is played again")
    return run


def chosen(request: BenchRequest, say: Say) -> list[RunSpec]:
    """Return the episodes that were asked for.

    Raises:
        AgeMemError: If something of the request is wrong or not there.
    """
    suite, policies, memories = request.suite, request.policies, request.memories
    if not policies:
        policies = DEFAULT_POLICIES if suite is None else suite.policies
        memories = memories or (() if suite is None else suite.memories)
    who = players(policies, memories, request.model.to_dict())
    if suite is not None:
        return suite.only(request.benchmarks).episodes(who, request.env_kwargs, say, request.options.access)
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
        except (DataError, StorageError) as error:
            say(str(error))


def default_path(specs: Sequence[RunSpec]) -> Path:
    """Return ``runs/<UTC time>-<digest of the episodes>``."""
    digest = hashlib.blake2b("".join(s.config_hash for s in specs).encode(), digest_size=4).hexdigest()
    return Path("runs") / f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{digest}"


def fill(
    run: RunFolder,
    specs: Sequence[RunSpec],
    request: BenchRequest,
    track: Track | None = None,
) -> None:
    """Play the episodes that a run lacks, and keep their rows and trajectories.

    Args:
        run: The run.
        specs: Its episodes.
        request: How they are played.
        track: Told of each row.

    Raises:
        RunEndedError: If a service is down.
        StorageError: If a row, a trajectory or a recording cannot be written.
    """
    todo = missing(run, specs)
    there = [row for spec in specs if (row := run.rows.finished.get(spec.config_hash)) is not None]
    tell = track or _tell_nobody
    for row in there:
        tell(row, False)
    watch = FailureWatch()
    options = replace(request.options, trajectories=run.trajectories)
    with closing(play(todo, request.workers, options, backend=request.backend)) as rows:
        for row in rows:
            run.rows.append(row)
            tell(row, True)
            watch.look(row)


def _tell_nobody(row: EpisodeRow, played: bool) -> None:
    pass


def arrange(file: ResultFile, specs: Sequence[RunSpec], say: Say) -> None:
    """Bring the rows of a complete run into the order of the episodes; on a full disk they stay as they came."""
    try:
        file.arrange(specs)
    except StorageError as error:
        say(f"{error}; nothing is lost")


def missing(run: RunFolder, specs: Sequence[RunSpec]) -> list[RunSpec]:
    """Return the episodes that a run has no good row of."""
    return [spec for spec in specs if spec.config_hash not in run.rows.finished]
