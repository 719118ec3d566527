"""`export`: writes the episodes of runs as lines to train on."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from agemem_env.data.files import whole_file
from agemem_env.data.ownership import real_file, reason
from agemem_env.errors import ConfigurationError, DataError, MissingExtraError, StorageError, unknown_name
from benchmarks.export.choose import ExportedEpisode, ExportTally, Wanted, chosen
from benchmarks.export.columns import write_parquet
from benchmarks.export.pairs import pair_lines
from benchmarks.export.sft import sft_lines
from benchmarks.export.table import turn_lines
from benchmarks.export.tokens import load_tokenizer, row_lines, tokenizing

Lines = Iterator[dict[str, Any]]

FORMATS = ("rows", "sft", "pairs", "parquet")
"""What can be written; `parquet` is every turn, as a table."""


@dataclass(frozen=True)
class ExportRequest:
    """What to export.

    Attributes:
        runs: Run folders.
        form: One of `FORMATS`.
        output: The file: Parquet if its name ends in ``.parquet``, else JSON lines; None for the standard output.
        tokenizer: Name or path of the tokenizer of `rows`; None: token ids were recorded.
        wanted: Which episodes.
    """

    runs: Sequence[Path]
    form: str
    output: Path | None = None
    tokenizer: str | None = None
    wanted: Wanted = field(default_factory=Wanted)

    @property
    def binary(self) -> bool:
        """Whether a Parquet file is written."""
        return self.form == "parquet" or (self.output is not None and self.output.suffix == ".parquet")


def export(request: ExportRequest, say: Callable[[str], None], out: BinaryIO) -> ExportTally:
    """Write what is asked for; the file gets its name when all of it is there.

    Args:
        request: What to export.
        say: Told of episodes that are left out, and of what is absent.
        out: Where to, if the request names no file.

    Raises:
        ConfigurationError: If the request cannot be carried out as it is.
        DataError: If a run cannot be read, or there is nothing to write.
        StorageError: If the file cannot be written, as on a full disk.
    """
    _check(request)
    tally = ExportTally()
    lines = _lines(request, chosen(request.runs, request.wanted, tally, say))
    first = next(lines, None)
    if first is None:
        raise DataError(_nothing(tally, request))
    try:
        with _target(request, out) as file:
            count = _write(file, chain([first], lines), binary=request.binary, form=request.form)
    except OSError as error:
        if request.output is None:
            raise
        raise StorageError(f"cannot write {request.output}: {reason(error)}") from error
    say(_told(tally, count, request))
    return tally


def _check(request: ExportRequest) -> None:
    if request.form not in FORMATS:
        raise unknown_name("format", request.form, FORMATS)
    if request.tokenizer is not None and request.form != "rows":
        raise ConfigurationError(f"--tokenizer is for --format rows, not {request.form}")
    if request.output is not None:
        real_file(request.output)
    elif request.binary and sys.stdout.isatty():
        raise ConfigurationError("--format parquet is no text: name a file with --output")
    if request.binary and find_spec("pyarrow") is None:
        raise MissingExtraError("pyarrow", "parquet", f"{request.output or '--format parquet'}")


def _lines(request: ExportRequest, episodes: Iterator[ExportedEpisode]) -> Lines:
    if request.form == "pairs":
        return pair_lines(episodes)
    if request.form == "rows":
        tokenize = None if request.tokenizer is None else tokenizing(load_tokenizer(request.tokenizer))
        return _each(episodes, lambda episode: row_lines(episode, tokenize))
    return _each(episodes, sft_lines if request.form == "sft" else turn_lines)


def _each(episodes: Iterator[ExportedEpisode], lines: Callable[[ExportedEpisode], Lines]) -> Lines:
    """Yield the lines of episodes; what goes wrong names the episode."""
    for episode in episodes:
        try:
            yield from lines(episode)
        except DataError as error:
            row = episode.row
            raise DataError(f"episode {row.config_hash} ({row.benchmark}, seed {row.seed}): {error}") from error


@contextmanager
def _target(request: ExportRequest, out: BinaryIO) -> Iterator[BinaryIO]:
    if request.output is None:
        yield out
        out.flush()
    else:
        with whole_file(request.output) as file:
            yield file


def _write(file: BinaryIO, lines: Lines, *, binary: bool, form: str) -> int:
    if binary:
        return write_parquet(file, lines, form)
    written = 0
    for line in lines:
        file.write(json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        written += 1
    return written


def _nothing(tally: ExportTally, request: ExportRequest) -> str:
    """Return why there is not a single line, and what can be done."""
    runs, left = ", ".join(map(str, request.runs)), tally.left_out(request.wanted.filters)
    if tally.taken:
        reason = f"in none of the {tally.taken} episodes that were taken did the player send a message or a call"
        return "; ".join([f"nothing to write of {runs}: {reason}", *left])
    if not left:
        return f"{runs} holds no episodes: play some with `agemem bench --output FOLDER`"
    total = tally.crashed + tally.unwanted + tally.missing + tally.damaged
    more = "; play them again with `agemem bench`, which keeps trajectories" if tally.missing + tally.damaged else ""
    return f"of {runs} none of the {total} episodes is exported: {', '.join(left)}{more}"


def _told(tally: ExportTally, count: int, request: ExportRequest) -> str:
    """Return what was written, and what is absent."""
    parts = [f"{count} lines of {tally.taken} episodes", *tally.left_out(request.wanted.filters)]
    if request.form == "rows" and request.tokenizer is not None:
        parts.append("logprobs are null, and tokens are those of the tokenizer: none were recorded while playing")
    return "; ".join(parts)
