"""What `agemem bench` does: choose episodes, play those that are missing, keep the rows."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from agemem_env.errors import ConfigurationError, DataError, MissingExtraError, unknown_name
from agemem_env.services.cassette.cassette import VARIABLE, tidy
from baselines.base import Policy
from baselines.llm.models import is_model
from baselines.llm.preflight import preflight
from benchmarks.results.file import ResultFile
from benchmarks.run.in_process import PlayOptions, with_policy
from benchmarks.run.models import Access
from benchmarks.run.options import parse_settings, parse_stages
from benchmarks.run.play import play, resolve
from benchmarks.specs import PlayerSpec, RunSpec, canonical, episodes, registered

__all__ = ["cassette", "check_models", "choose", "default_path", "fill", "missing", "parse_settings", "parse_stages"]

Say = Callable[[str], None]


def choose(
    benchmarks: Sequence[str],
    players: Sequence[PlayerSpec],
    seeds: Sequence[int],
    kwargs: Mapping[str, Any],
    say: Say,
    access: Access | None = None,
) -> list[RunSpec]:
    """Return the episodes of a comparison, after making each environment once for each player.

    Args:
        benchmarks: Names; empty means every registered benchmark that can be played here, the others are
            reported to `say` and left out.
        players: Who plays.
        seeds: Seeds of the episodes.
        kwargs: Arguments of the environments.
        say: Takes lines for the user.
        access: How models are reached.

    Raises:
        ConfigurationError: If a name or an argument is not allowed.
        DataError: If a benchmark that was named lacks its data, or no benchmark is left.
        MissingExtraError: If a benchmark that was named lacks a package.
    """
    ids = registered()
    for name in benchmarks:
        if name not in ids:
            raise unknown_name("benchmark", name, ids)
    needed = [_policy(player, access or Access()) for player in players]
    environments = []
    for benchmark in dict.fromkeys(benchmarks or ids):
        try:
            environments.append((ids[benchmark], resolve(ids[benchmark], kwargs)))
        except (DataError, MissingExtraError) as error:
            if benchmarks:
                raise
            say(f"{benchmark} is left out: {error}")
            continue
        for arguments in {canonical(dict(p.env_kwargs)): with_policy(kwargs, p) for p in needed}.values():
            resolve(ids[benchmark], arguments)
    if not environments:
        raise DataError("no benchmark can be played here: run `agemem doctor` to see why")
    return episodes(environments, players, seeds)


def _policy(player: PlayerSpec, access: Access) -> Policy:
    return access.policy(RunSpec("", {}, player.policy, 0, player.memory, player.model))


@contextmanager
def cassette(record: Path | None, replay: Path | None) -> Iterator[None]:
    """Have every client of this process and its children record to a file, or answer from one.

    A recording is tidied when it is complete.

    Raises:
        ConfigurationError: If both are given.
    """
    if record is not None and replay is not None:
        raise ConfigurationError("--record and --replay exclude each other")
    path = record or replay
    if path is None:
        yield
        return
    before = os.environ.get(VARIABLE)
    os.environ[VARIABLE] = f"{'replay' if record is None else 'record'}:{path}"
    try:
        yield
    finally:
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
    if record is not None:
        tidy(record)


def check_models(specs: Sequence[RunSpec], access: Access) -> None:
    """Make one small call of each model that will play.

    Raises:
        ServiceError: If a model cannot be reached or cannot do what its policy needs.
    """
    for spec in {canonical([s.policy, s.model]): s for s in specs if is_model(s.policy)}.values():
        preflight(access.model(spec), spec.model.get("tool_format", "native"))


def default_path(specs: Sequence[RunSpec]) -> Path:
    """Return ``runs/<UTC time>-<digest of the episodes>/results.jsonl``."""
    digest = hashlib.blake2b("".join(s.config_hash for s in specs).encode(), digest_size=4).hexdigest()
    return Path("runs") / f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{digest}" / "results.jsonl"


def fill(
    file: ResultFile,
    specs: Sequence[RunSpec],
    workers: int,
    options: PlayOptions,
    track: Callable[[int], None] | None = None,
) -> None:
    """Play the episodes that a file lacks and append their rows.

    A row is written when its episode is over, so that nothing played is lost; once all are there, they are brought
    into the order of the episodes.

    Args:
        file: The file.
        specs: The episodes.
        workers: Number of processes.
        options: How each process plays.
        track: Called with the number of rows that are there, at the start and after each episode.
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
