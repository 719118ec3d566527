"""The compressed file of a trajectory: written piece by piece, and read as far as it goes."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import zstandard

from agemem_env.data.ownership import reason
from agemem_env.errors import DataError, StorageError

FLUSH_SECONDS = 1.0
"""Records are gathered so long before they are compressed and written together."""

LEVEL = 3
"""Level of compression."""

SUFFIX = ".jsonl.zst"


def _as_json(value: Any) -> str:
    try:
        return _ENCODER.encode(value)
    except (ValueError, RecursionError, TypeError):  # an action may be any object, also one that contains itself
        return _ENCODER.encode(_plain(value, 12))


def _plain(value: Any, depth: int) -> Any:
    """Return a value with whatever JSON cannot hold as text."""
    if depth and isinstance(value, dict):
        return {str(key): _plain(inner, depth - 1) for key, inner in value.items()}
    if depth and isinstance(value, (list, tuple)):
        return [_plain(inner, depth - 1) for inner in value]
    return value if value is None or isinstance(value, (bool, int, float, str)) else repr(value)[:1000]


def _of_object(value: Any) -> Any:
    """Return what stands for an object: the fields of a call or turn, else its text."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value) if field.repr}
    return repr(value)[:1000]


_ENCODER = json.JSONEncoder(separators=(",", ":"), default=_of_object)


class Compressors:
    """Compressors that are free: one is needed for each file that is being written, and making one takes long."""

    def __init__(self) -> None:
        self._free: list[zstandard.ZstdCompressor] = []

    def take(self) -> zstandard.ZstdCompressor:
        """Return one that nobody has."""
        return self._free.pop() if self._free else zstandard.ZstdCompressor(level=LEVEL)

    def give_back(self, compressor: zstandard.ZstdCompressor) -> None:
        """Take one back."""
        self._free.append(compressor)


class RecordFile:
    """A file to which records are written; a file that is there is replaced when the first of them are.

    Once it is closed or abandoned, whatever is written is lost.

    Args:
        path: The file.
        compressors: Where to take a compressor from.
    """

    def __init__(self, path: Path, compressors: Compressors) -> None:
        self._path = path
        self._compressors = compressors
        self._compressor = compressors.take()
        self._stream = self._compressor.compressobj()
        self._waiting: list[Any] = []
        self._flushed = time.monotonic()
        self._handle: int | None = None
        self._open = True

    def write(self, record: Any) -> None:
        """Write a record, now or within `FLUSH_SECONDS`, whenever the next one comes.

        Raises:
            StorageError: If the file cannot be written.
        """
        if not self._open:
            return
        self._waiting.append(record)
        now = time.monotonic()
        if now - self._flushed >= FLUSH_SECONDS:
            self._flushed = now
            self._put(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    def close(self) -> None:
        """Write what waits and close the file.

        Raises:
            StorageError: If the file cannot be written.
        """
        try:
            if self._open:
                self._put(zstandard.COMPRESSOBJ_FLUSH_FINISH)
        finally:
            self.abandon()

    def abandon(self) -> None:
        """Close the file as it is. May be called more than once."""
        if not self._open:
            return
        self._open = False
        self._waiting = []
        self._compressors.give_back(self._compressor)
        if self._handle is not None:
            os.close(self._handle)

    def _put(self, how: int) -> None:
        if self._handle is None and _orphaned():
            self.abandon()
            return
        line = f"{_as_json(self._waiting)}\n".encode()
        self._waiting = []
        left = memoryview(self._stream.compress(line) + self._stream.flush(how))
        try:
            if self._handle is None:
                self._path.unlink(missing_ok=True)  # whoever still writes that file does not write this one
                self._handle = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
            while left:  # a disk that fills up takes a part
                left = left[os.write(self._handle, left) :]
        except OSError as error:
            raise StorageError(f"cannot write {self._path}: {reason(error)}") from error


def _orphaned() -> bool:
    """Return whether the run that this process plays for was killed: another may be playing the same episodes now."""
    parent = parent_process()
    return parent is not None and not parent.is_alive()


def read_records(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a file, as far as they were written.

    Raises:
        DataError: If it cannot be read or is damaged.
    """
    try:
        content = zstandard.ZstdDecompressor().decompressobj().decompress(path.read_bytes())
        for line in content.split(b"\n")[:-1]:
            yield from json.loads(line)
    except (OSError, zstandard.ZstdError, ValueError, TypeError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise DataError(f"{path} is no trajectory that can be read: {why}") from error
