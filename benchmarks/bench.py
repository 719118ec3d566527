"""What `agemem bench` does: choose episodes, play those that are missing, keep the rows."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import baselines
from agemem_env.errors import ConfigurationError, DataError, MissingExtraError, unknown_name
from benchmarks.results import ResultFile
from benchmarks.run import play, resolve
from benchmarks.suites import RunSpec, canonical, episodes, registered

Say = Callable[[str], None]

_BARE_TEXT = re.compile(r"(?!(?:True|False|None)$)[A-Za-z][\w:./-]*")


def parse_settings(pairs: Sequence[str]) -> dict[str, Any]:
    """Return the arguments of an environment that ``key=value`` texts stand for.

    Values are JSON; a bare word is a text.

    >>> parse_settings(["dense=true", "max_tokens=2048", "encoder=hashing"])
    {'dense': True, 'max_tokens': 2048, 'encoder': 'hashing'}

    Raises:
        ConfigurationError: If a text has another form.
    """
    settings = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.isidentifier():
            raise ConfigurationError(f"{pair!r} is not allowed; use key=value, for example max_tokens=2048")
        settings[key] = value if _BARE_TEXT.fullmatch(value) and value not in _WORDS else _json(pair, value)
    return settings


_WORDS = ("true", "false", "null", "NaN", "Infinity")


def _json(pair: str, value: str) -> Any:
    try:
        parsed = json.loads(value)
        canonical(parsed)
    except ValueError:
        raise ConfigurationError(
            f'{pair!r} is not allowed; the value must be JSON, for example true, 2048, [1, 3] or "text"'
        ) from None
    return parsed


def parse_stages(text: str) -> list[int]:
    """Return the stages that a text lists.

    >>> parse_stages("1,3")
    [1, 3]

    Raises:
        ConfigurationError: If the text is no list of whole numbers.
    """
    if not re.fullmatch(r"\d(,\d)*", text):
        raise ConfigurationError(f"stages {text!r} are not allowed; use for example 1,2,3 or 3")
    return [int(part) for part in text.split(",")]


def choose(
    benchmarks: Sequence[str],
    policies: Sequence[str],
    seeds: Sequence[int],
    kwargs: Mapping[str, Any],
    say: Say,
) -> list[RunSpec]:
    """Return the episodes of a comparison, after making each environment once.

    Args:
        benchmarks: Names; empty means every registered benchmark that can be played here, the others are
            reported to `say` and left out.
        policies: Names in `baselines.POLICIES`.
        seeds: Seeds of the episodes.
        kwargs: Arguments of the environments.
        say: Takes lines for the user.

    Raises:
        ConfigurationError: If a name or an argument is not allowed.
        DataError: If a benchmark that was named lacks its data, or no benchmark is left.
        MissingExtraError: If a benchmark that was named lacks a package.
    """
    ids = registered()
    for kind, given, known in (("benchmark", benchmarks, ids), ("policy", policies, baselines.POLICIES)):
        for name in given:
            if name not in known:
                raise unknown_name(kind, name, known)
    environments = []
    for benchmark in dict.fromkeys(benchmarks or ids):
        try:
            environments.append((ids[benchmark], resolve(ids[benchmark], kwargs)))
        except (DataError, MissingExtraError) as error:
            if benchmarks:
                raise
            say(f"{benchmark} is left out: {error}")
    if not environments:
        raise DataError("no benchmark can be played here: run `agemem doctor` to see why")
    return episodes(environments, list(dict.fromkeys(policies)), seeds)


def default_path(specs: Sequence[RunSpec]) -> Path:
    """Return ``runs/<UTC time>-<digest of the episodes>/results.jsonl``."""
    digest = hashlib.blake2b("".join(s.config_hash for s in specs).encode(), digest_size=4).hexdigest()
    return Path("runs") / f"{datetime.now(timezone.utc):%Y%m%dT%H%M%SZ}-{digest}" / "results.jsonl"


def fill(file: ResultFile, specs: Sequence[RunSpec], workers: int, track: Callable[[int], None] | None = None) -> None:
    """Play the episodes that a file lacks and append their rows.

    Args:
        file: The file.
        specs: The episodes.
        workers: Number of processes.
        track: Called with the number of rows that are there, at the start and after each episode.
    """
    todo = [spec for spec in specs if spec.config_hash not in file.finished]
    there = len(specs) - len(todo)
    if track is not None:
        track(there)
    with closing(play(todo, workers)) as rows:
        for row in rows:
            file.append(row)
            there += 1
            if track is not None:
                track(there)
