"""What `agemem bench` does: choose episodes, play those that are missing, keep the rows."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from agemem_env.data.environment import environment_variables
from agemem_env.errors import AgeMemError, ConfigurationError
from agemem_env.services.cassette.cassette import VARIABLE, tidy
from benchmarks.results.file import ResultFile, good_rows
from benchmarks.results.row import EpisodeRow
from benchmarks.run.choose import Say, check_models, choose
from benchmarks.run.config_file import keep_config
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
        AgeMemError: If something of the request is wrong or not there; nothing was played then.
    """
    access, output = request.options.access, request.output
    with cassette(request.record, request.replay):
        specs, held = chosen(request, say)
        check_models([spec for spec in specs if spec.config_hash not in held], access)
        path = output or default_path(specs)
        with ResultFile(path, overwrite=request.overwrite, resume=request.resume) as file:
            keep_config(request.config, path)
            try:
                with progress(len(specs)) as track:
                    fill(file, specs, request.workers, request.options, track)
            except KeyboardInterrupt:
                message = f"interrupted; `agemem bench ... --resume --output {path}` goes on"
                raise InterruptedRunError(message) from None
    return path


def chosen(request: BenchRequest, say: Say) -> tuple[list[RunSpec], Mapping[str, EpisodeRow]]:
    """Return the episodes that were asked for, and those rows that a run which is resumed has already.

    Raises:
        AgeMemError: If something of the request is wrong or not there.
    """
    who = players(request.policies, request.memories, request.model.to_dict())
    specs = choose(request.benchmarks, who, request.seeds, request.env_kwargs, say, request.options.access)
    return specs, good_rows(request.output) if request.resume and request.output is not None else {}


@contextmanager
def cassette(record: Path | None, replay: Path | None) -> Iterator[None]:
    """Have every client of this process and its children record to a file, or answer from one.

    A recording is tidied when it is complete.
    """
    path = record or replay
    if path is None:
        yield
        return
    with environment_variables({VARIABLE: f"{'replay' if record is None else 'record'}:{path}"}):
        yield
    if record is not None:
        tidy(record)


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

    A row is written when its episode is over, so that nothing played is lost; once all are there, they are brought
    into the order of the episodes.

    Args:
        file: The file.
        specs: The episodes.
        workers: Number of processes.
        options: How each process plays.
        track: Told how many rows are there.
    """
    todo = missing(file, specs)
    there = len(specs) - len(todo)
    if track is not None:
        track(there)
    with closing(play(todo, workers, options)) as rows:
        for row in rows:
            file.append(row)
            there += 1
            if track is not None:
                track(there)
    file.arrange(specs)


def missing(file: ResultFile, specs: Sequence[RunSpec]) -> list[RunSpec]:
    """Return the episodes that a file has no good row of."""
    return [spec for spec in specs if spec.config_hash not in file.finished]
