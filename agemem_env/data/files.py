"""Files and lines that are there as a whole or not at all, whoever else writes them; and reading without waiting."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO


def read_text(path: Path) -> str:
    """Return the text of a file that a user named, without waiting for anybody; lines end with LF.

    Args:
        path: A file, or a pipe that somebody writes to, such as a shell's ``<(…)``. A byte-order mark is left out.

    Raises:
        OSError: If it cannot be read, is a device or the like, or is a pipe that nobody writes to.
        UnicodeDecodeError: If it is not UTF-8.
    """
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        start = _first_bytes(handle, path)
        os.set_blocking(handle, True)
        with open(handle, "rb", closefd=False) as file:
            content = start + file.read()
    finally:
        os.close(handle)
    return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _first_bytes(handle: int, path: Path) -> bytes:
    """Return what is in a pipe, as far as somebody writes to it or has written; nothing of a file."""
    mode = os.fstat(handle).st_mode
    if stat.S_ISREG(mode):
        return b""
    if not stat.S_ISFIFO(mode):
        kind = "a folder" if stat.S_ISDIR(mode) else "a device or the like"
        raise OSError(errno.EINVAL, f"it is {kind}", str(path))
    try:
        start = os.read(handle, 1 << 16)
    except BlockingIOError:
        return b""  # the writer has nothing yet
    if not start:
        raise OSError(errno.EINVAL, "it is a pipe that nobody writes to", str(path))
    return start


@contextmanager
def whole_file(path: Path) -> Iterator[BinaryIO]:
    """Give a file to write to; it gets its name when the block ends without an error.

    Args:
        path: Where to; its folder is made if missing. A file that is there is replaced and keeps its permissions; a
            symbolic link stays, and the file that it leads to is replaced.

    Raises:
        OSError: If it cannot be written.
    """
    real = Path(os.path.realpath(path))
    real.parent.mkdir(parents=True, exist_ok=True)
    part = real.with_name(f"{real.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with part.open("wb") as file:
            yield file
        with suppress(FileNotFoundError):
            shutil.copymode(real, part)
        os.replace(part, real)
    finally:
        part.unlink(missing_ok=True)


def remove_parts(path: Path) -> None:
    """Remove what writers of a file left beside it that were killed. Call it when nobody else writes the file."""
    real = Path(os.path.realpath(path))
    for entry in os.scandir(real.parent):
        if entry.name.startswith(f"{real.name}.") and entry.name.endswith(".part"):
            Path(entry.path).unlink(missing_ok=True)


def append_line(path: Path, line: str) -> None:
    """Append a line to a file, whole or not at all; many threads and processes may do so at once.

    What a killed writer left of a last line is removed first.

    Args:
        path: The file, which is made if missing.
        line: The line, without its end. What UTF-8 cannot hold is replaced.

    Raises:
        OSError: If it cannot be written; the file is then as it was.
    """
    with _locked(path) as handle:
        start = _drop_torn_line(handle)
        left = memoryview(f"{line}\n".encode("utf-8", "replace"))
        try:
            while left:  # a disk that fills up takes a part
                left = left[os.write(handle, left) :]
        except BaseException:
            os.ftruncate(handle, start)
            raise


def drop_torn_line(path: Path) -> bool:
    """Remove a last line without an end, which a killed writer or a full disk left; return whether there was one.

    Raises:
        OSError: If the file cannot be read or written.
    """
    with _locked(path) as handle:
        size = os.fstat(handle).st_size
        return _drop_torn_line(handle) < size


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    handle = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield handle
    finally:
        os.close(handle)


def _drop_torn_line(handle: int) -> int:
    """Cut a file behind its last line end and return its size."""
    size = os.fstat(handle).st_size
    if size == 0 or os.pread(handle, 1, size - 1) == b"\n":
        return size
    block, end = 1 << 16, size
    while end:
        begin = max(0, end - block)
        found = os.pread(handle, end - begin, begin).rfind(b"\n")
        if found >= 0:
            end = begin + found + 1
            break
        end = begin
    os.ftruncate(handle, end)
    return end
