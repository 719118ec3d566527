"""Files that one process at a time may write: who has one is told to whoever else wants it.

The claim is a lock of the operating system on ``<file>.lock`` beside the file, so that it ends with the process that
made it, however that ends. Processes started by the owner do not hold it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import stat
import weakref
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from types import TracebackType

from agemem_env.errors import ConfigurationError

_OWNER = b"process "
"""How the content of a lock begins."""


def real_file(path: Path) -> Path:
    """Return the file that a path leads to, through symbolic links; it need not be there.

    Raises:
        ConfigurationError: If it leads to something that is no ordinary file, or to nothing that could be one.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return Path(os.path.realpath(path))
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"{path} cannot be used: {reason(error)}; name another file") from None
    if not stat.S_ISREG(found.st_mode):
        kind = "a folder" if stat.S_ISDIR(found.st_mode) else "a pipe, a device or the like"
        raise ConfigurationError(f"{path} is {kind}; name an ordinary file")
    return Path(os.path.realpath(path))


def _check_one_name(path: Path) -> None:
    """Refuse a file with hard links: a run that has it by another name would go unnoticed."""
    with suppress(FileNotFoundError):
        names = path.stat().st_nlink
        if names > 1:
            raise ConfigurationError(
                f"{path} has {names} names (hard links), by which other runs could write it: copy it and name the copy"
            )


def reason(error: Exception) -> str:
    """Return what went wrong with a file, in the words of the operating system.

    >>> reason(FileNotFoundError(2, "No such file or directory", "x"))
    'No such file or directory'
    """
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


class Ownership:
    """A claim on a file, from now until `release`. Two claims exclude each other, in one process too.

    Args:
        path: The file; it need not be there. Its folder is made if missing, and removed again if it stays empty.

    Attributes:
        path: The file itself, with symbolic links followed.

    Raises:
        ConfigurationError: If another run has it, it is no ordinary file, it has several names, or its folder cannot
            be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = real_file(path)
        _check_one_name(path)
        self._lock = self.path.with_name(f"{self.path.name}.lock")
        self._handle: int | None = None
        self._made = [folder for folder in self.path.parents if not folder.exists()]
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if self.path.exists():
                os.close(os.open(self.path, os.O_WRONLY | os.O_APPEND))
            self._handle = _locked(self._lock)
        except OSError as error:
            self._remove_folders()
            raise ConfigurationError(f"{path} cannot be written: {reason(error)}; name another file") from None
        if self._handle is None:
            raise _in_use(path, self._lock)
        _write_owner(self._handle)
        os.register_at_fork(after_in_child=_Forget(self))

    def release(self) -> None:
        """Give the file up. May be called more than once."""
        handle, self._handle = self._handle, None
        if handle is not None:
            self._lock.unlink(missing_ok=True)
            os.close(handle)
            self._remove_folders()

    def _remove_folders(self) -> None:
        with suppress(OSError):
            for folder in self._made:
                folder.rmdir()

    def forget(self) -> None:
        """Let a forked process hold nothing: the claim stays its parent's."""
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)

    def __enter__(self) -> Ownership:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.release()


class _Forget:
    """Has a claim forgotten in forked processes, and keeps it no longer alive."""

    def __init__(self, ownership: Ownership) -> None:
        self._ownership = weakref.ref(ownership)

    def __call__(self) -> None:
        ownership = self._ownership()
        if ownership is not None:
            ownership.forget()


def refuse_if_owned(path: Path) -> None:
    """Check that no run writes a file that is to be read.

    Raises:
        ConfigurationError: If one does.
    """
    lock = Path(f"{os.path.realpath(path)}.lock")
    try:
        handle = os.open(lock, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return  # nobody has it
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        raise _in_use(path, lock) from None
    finally:
        os.close(handle)


def _locked(lock: Path) -> int | None:
    """Return the handle of a locked file, or None if somebody else has locked it."""
    while True:
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_still(lock, handle):  # its last owner may have removed it between the two calls
                _check_lock(handle)
                return handle
        except BlockingIOError:
            os.close(handle)
            return None
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _check_lock(handle: int) -> None:
    """Refuse to take for a lock what is none: it would be emptied and removed."""
    found = os.fstat(handle)
    if not stat.S_ISREG(found.st_mode) or os.pread(handle, len(_OWNER), 0) not in (b"", _OWNER):
        raise OSError(errno.EEXIST, "the file of that name with .lock at its end is not the lock of a run")


def _is_still(lock: Path, handle: int) -> bool:
    try:
        return os.path.samestat(os.stat(lock), os.fstat(handle))
    except FileNotFoundError:
        return False


def _write_owner(handle: int) -> None:
    """Say who has the lock; on a full disk nobody is named, and the lock holds all the same."""
    os.ftruncate(handle, 0)
    try:
        started = f"{datetime.now(timezone.utc):%Y-%m-%d %H:%M:%S} UTC"
        os.write(handle, _OWNER + f"{os.getpid()} on {socket.gethostname()} (started {started})\n".encode())
    except OSError:
        os.ftruncate(handle, 0)


def _in_use(path: Path, lock: Path) -> ConfigurationError:
    try:
        owner = " ".join(lock.read_text(encoding="utf-8", errors="replace").split())
    except OSError:
        owner = ""
    return ConfigurationError(
        f"{path} is in use by {owner or 'another process'}: wait until it ends or name another file"
    )
