"""`ResultFile`: the file of rows, one line each.

One run at a time has it. A row is there as a whole or not at all, whatever happens while it is written.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

from agemem_env.data.files import append_line, drop_torn_line, read_text, remove_parts, whole_file
from agemem_env.data.ownership import Ownership, reason
from agemem_env.errors import ConfigurationError, DataError, StorageError
from benchmarks.results.row import EpisodeRow
from benchmarks.specs import RunSpec


def read_rows(path: Path) -> list[EpisodeRow]:
    """Return the rows of a file, in order.

    Raises:
        DataError: If the file is missing or a line is not a valid row; the message names the line.
    """
    try:
        lines = read_text(path).split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"cannot read {path}: {reason(error)}") from error
    rows = []
    for number, line in enumerate(lines, start=1):
        if not line and number == len(lines):
            break
        try:
            rows.append(EpisodeRow.from_json(line))
        except DataError as error:
            advice = "delete the line to go on without it"
            if number == len(lines):
                go_on = f"`agemem bench ... --resume --output {path.parent}`"
                advice = f"it was cut off: delete it, or {go_on} plays its episode"
            raise DataError(f"{path}, line {number}: {error}; {advice}") from error
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
    """A file to which rows are appended. It belongs to this object until it is closed.

    Nothing in the file is changed before the first row is appended or `begin` is called, but for a last line of a
    resumed file that was cut off, which is removed.

    Args:
        path: The file; its folder is created.
        overwrite: Replace an existing file.
        resume: Keep the rows of an existing file and append to them.

    Attributes:
        path: The file.
        finished: Rows that a resumed file already held, by config hash, without those of crashed episodes,
            which are played again.
        torn: Whether a last line of a resumed file had been cut off.

    Raises:
        ConfigurationError: If another run has the file, it cannot be written, it exists and neither `overwrite` nor
            `resume` is set, or it is to be replaced and holds something else than rows.
        DataError: If a resumed file holds a line that is not a valid row.
    """

    def __init__(self, path: Path, *, overwrite: bool = False, resume: bool = False) -> None:
        self.path = path
        self.finished: Mapping[str, EpisodeRow] = {}
        self.torn = False
        self._begun = self._resumes = False
        self._start = 0
        self._appended: list[EpisodeRow] = []
        self._owned = Ownership(path)
        self._real = self._owned.path
        try:
            if self._real.exists():
                self._take_over(overwrite=overwrite, resume=resume)
        except OSError as error:
            self.close()
            raise ConfigurationError(f"{path} cannot be used: {reason(error)}") from error
        except BaseException:
            self.close()
            raise

    def begin(self) -> None:
        """Make the file, or empty the one that is to be replaced.

        Raises:
            StorageError: If that cannot be done.
        """
        if self._begun:
            return
        try:
            remove_parts(self._real)
            with self._real.open("ab" if self._resumes else "wb") as file:
                self._start = file.seek(0, os.SEEK_END)
        except OSError as error:
            raise StorageError(f"cannot write {self.path}: {reason(error)}") from error
        self._begun = True

    def append(self, row: EpisodeRow) -> None:
        """Write one row, whole or not at all.

        Raises:
            StorageError: If it cannot be written; the rows before it are there.
        """
        self.begin()
        try:
            if not self._real.exists() and self._real.parent.exists():
                self._write_again()
            append_line(self._real, row.to_json())
        except OSError as error:
            raise StorageError(f"cannot write {self.path}: {reason(error)}") from error
        self._appended.append(row)

    def _write_again(self) -> None:
        """Bring back a file that was removed during the run, with what this run knows of it."""
        kept = "".join(f"{row.to_json()}\n" for row in self.finished.values()).encode()
        with whole_file(self._real) as whole:
            whole.write(kept + "".join(f"{row.to_json()}\n" for row in self._appended).encode())
        self._start = len(kept)

    def arrange(self, specs: Iterable[RunSpec]) -> None:
        """Bring the rows appended so far into the order of `specs`, in one step; earlier rows stay first.

        Raises:
            StorageError: If that cannot be written; all rows are there, in the order in which they were appended.
        """
        place = {spec.config_hash: i for i, spec in enumerate(specs)}
        ordered = sorted(self._appended, key=lambda row: place.get(row.config_hash, len(place)))
        if ordered == self._appended:
            return
        try:
            kept = self._real.read_bytes()[: self._start]
            with whole_file(self._real) as whole:
                whole.write(kept + "".join(f"{row.to_json()}\n" for row in ordered).encode())
                whole.flush()
                os.fsync(whole.fileno())
        except OSError as error:
            raise StorageError(f"{self.path} has all rows, but they could not be sorted: {reason(error)}") from error
        self._appended = ordered

    def close(self) -> None:
        """Give the file up. May be called more than once."""
        self._owned.release()

    def _take_over(self, *, overwrite: bool, resume: bool) -> None:
        """Look at a file that is there."""
        if not (overwrite or resume):
            raise ConfigurationError(f"{self.path} exists: use --resume to go on with it, --overwrite to replace it")
        with self._real.open("rb") as file:
            start = file.read(64)
        if not (_ROW.match(start) or _TORN_ROW.startswith(start)):
            raise ConfigurationError(
                f"{self.path} is no file of rows: it is left as it is; name another folder with --output"
            )
        if resume:
            self._resumes = True
            self.torn = _mend(self._real)
            self.finished = good_rows(self._real)

    def __enter__(self) -> ResultFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


_ROW = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{\s*"(?:schema|config_hash)"')
_TORN_ROW = b'{"schema"'


def _mend(path: Path) -> bool:
    """End the last line of a file if it is a whole row, else remove it; return whether one was removed."""
    content = path.read_bytes()
    last = content[content.rfind(b"\n") + 1 :]
    try:
        EpisodeRow.from_json(last.decode())
    except (DataError, UnicodeDecodeError):
        return drop_torn_line(path)
    with path.open("ab") as file:
        file.write(b"\n")
    return False
