"""`ResultFile`: the file of rows, one line each.

Each row is written with one system call, so that an interrupted run leaves whole lines.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO

from agemem_env.data.files import whole_file
from agemem_env.errors import ConfigurationError, DataError
from benchmarks.results.row import EpisodeRow
from benchmarks.specs import RunSpec


def read_rows(path: Path) -> list[EpisodeRow]:
    """Return the rows of a file, in order.

    Raises:
        DataError: If the file is missing or a line is not a valid row; the message names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}: {error}") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line and number == len(lines):
            break
        try:
            rows.append(EpisodeRow.from_json(line))
        except DataError as error:
            raise DataError(f"{path}, line {number}: {error}; delete the line to go on without it") from error
    return rows


def latest(rows: Iterable[EpisodeRow]) -> dict[str, EpisodeRow]:
    """Return the rows by config hash; of rows that repeat each other the last one counts."""
    return {row.config_hash: row for row in rows}


def good_rows(path: Path) -> dict[str, EpisodeRow]:
    """Return the rows of a file by config hash, without those of crashed episodes; none if there is no file.

    Raises:
        DataError: If a line is not a valid row.
    """
    return {key: row for key, row in latest(read_rows(path)).items() if row.error is None} if path.exists() else {}


class ResultFile:
    """A file to which rows are appended.

    Args:
        path: The file; its folder is created.
        overwrite: Replace an existing file.
        resume: Keep the rows of an existing file and append to them.

    Attributes:
        path: The file.
        finished: Rows that a resumed file already held, by config hash, without those of crashed episodes,
            which are played again.

    Raises:
        ConfigurationError: If the file exists and neither `overwrite` nor `resume` is set.
        DataError: If a resumed file holds a line that is not a valid row.
    """

    def __init__(self, path: Path, *, overwrite: bool = False, resume: bool = False) -> None:
        self.path = path
        self.finished: Mapping[str, EpisodeRow] = good_rows(path) if resume else {}
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._file: BinaryIO = path.open("ab" if resume else "wb" if overwrite else "xb", buffering=0)
        except FileExistsError:
            raise ConfigurationError(
                f"{path} exists: use --resume to go on with it, --overwrite to replace it"
            ) from None
        self._start = self._file.seek(0, os.SEEK_END)
        self._appended: list[EpisodeRow] = []

    def append(self, row: EpisodeRow) -> None:
        """Write one row, whole or not at all."""
        self._file.write(f"{row.to_json()}\n".encode())
        self._appended.append(row)

    def arrange(self, specs: Iterable[RunSpec]) -> None:
        """Bring the rows appended so far into the order of `specs`, in one step; earlier rows stay first."""
        place = {spec.config_hash: i for i, spec in enumerate(specs)}
        ordered = sorted(self._appended, key=lambda row: place.get(row.config_hash, len(place)))
        if ordered == self._appended:
            return
        kept = self.path.read_bytes()[: self._start]
        with whole_file(self.path) as whole:
            whole.write(kept + "".join(f"{row.to_json()}\n" for row in ordered).encode())
        self._file.close()
        self._file, self._appended = self.path.open("ab", buffering=0), ordered

    def __enter__(self) -> ResultFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
