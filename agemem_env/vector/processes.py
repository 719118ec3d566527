"""Worker processes: started by a fork server, and never left behind.

A worker has one pipe to its parent. A thread of the worker reads it while the worker is busy, so that the parent can
always write, and ends the worker when the parent has closed it or is gone, whatever the worker is doing. Ctrl-C is the
parent's business: workers do not see it.
"""

from __future__ import annotations

import os
import pickle
import select
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing import current_process, get_all_start_methods, get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

from agemem_env.errors import AgeMemError

LINGER_S = 3.0
"""Seconds that a worker has to finish when its parent has closed the pipe or is gone."""

DRAIN_S = 0.05
"""Seconds after which the pipe of a busy worker is read."""

PRELOADED = ("agemem_env.env", "agemem_env.vector.worker")
"""What the fork server imports once for all workers, unless it is running already."""


_NAME = "agemem worker"

NO_GUARD = 77
"""Exit code of a worker that cannot start because the main script starts workers when it is imported."""

GUARD = (
    "worker processes import the main script, which starts worker processes itself when it is imported: put what it "
    "does under `if __name__ == '__main__':`"
)


class WorkerError(AgeMemError, RuntimeError):
    """A worker process could not even start; its own error output says why."""


class Link:
    """A worker's end of the pipe to its parent.

    Args:
        pipe: The connection.
    """

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._inbox: deque[bytes] = deque()
        self._reading = threading.Lock()
        self._over = False
        for target in (self._drain, self._watch):
            threading.Thread(target=target, daemon=True).start()

    def receive(self) -> Any:
        """Return the parent's next message.

        Raises:
            EOFError: If the parent wants no more.
        """
        with self._reading:
            if not self._inbox:
                self._read()
            if not self._inbox:
                raise EOFError("the parent has closed the pipe")
            message = self._inbox.popleft()
        return pickle.loads(message)

    def send(self, message: Any) -> None:
        """Send a message to the parent.

        Raises:
            ConnectionError: If the parent is not there any more.
        """
        self._pipe.send_bytes(pack(message))

    def _read(self) -> None:
        """Read a message, or note that there are no more; whoever calls this holds the lock."""
        try:
            if not self._over:
                self._inbox.append(self._pipe.recv_bytes())
        except (EOFError, OSError):
            self._over = True

    def _drain(self) -> None:
        """Read what comes while the worker is busy, and end a worker that goes on although the parent wants no more."""
        while not self._over:
            time.sleep(DRAIN_S)
            if self._reading.acquire(blocking=False):  # nobody waits for a message
                with suppress(OSError):
                    while not self._over and self._pipe.poll():
                        self._read()
                self._reading.release()
        time.sleep(LINGER_S)
        os._exit(1)

    def _watch(self) -> None:
        """End with the parent, even if a process that it forked still holds its end of the pipe."""
        parent = parent_process()
        if parent is None or parent.pid is None or sys.platform != "linux":
            return
        try:
            handle = os.pidfd_open(parent.pid)
        except ProcessLookupError:
            os._exit(1)
        except OSError:  # an old kernel: the pipe has to do
            return
        poll = select.poll()
        poll.register(handle, select.POLLIN)
        poll.poll()
        os._exit(1)


class WorkerProcess:
    """A process that calls a function with its `Link` and ends when that returns.

    Args:
        serve: The function; other processes import it.
        arguments: Further arguments of it, which are pickled.

    Attributes:
        pipe: The parent's end of the pipe, for `multiprocessing.connection.wait`.
    """

    def __init__(self, serve: Callable[..., None], *arguments: Any) -> None:
        self._owner = os.getpid()
        context: Any = get_context("forkserver" if "forkserver" in get_all_start_methods() else "spawn")
        context.set_forkserver_preload(list(PRELOADED))
        ours, theirs = context.Pipe()
        self.pipe: Connection = ours
        given = (theirs, dict(os.environ), os.getcwd(), serve, arguments)
        self._process = context.Process(target=_begin, args=given, name=_NAME, daemon=True)
        try:
            with _interrupts_held_back(), _main_without_a_file_hidden():
                self._process.start()
        except RuntimeError as error:
            if "bootstrapping" not in str(error) or current_process().name != _NAME:
                raise
            os._exit(NO_GUARD)  # this is a worker that imports the script; its parent says what is wrong
        finally:
            theirs.close()

    @property
    def pid(self) -> int:
        """Number of the process."""
        return int(self._process.pid)

    def send(self, message: Any) -> None:
        """Send a message; if the process has died, that shows when its answer is received."""
        self.send_packed(pack(message))

    def send_packed(self, message: bytes) -> None:
        """Send a message that `pack` has packed."""
        with suppress(ConnectionError):
            self.pipe.send_bytes(message)

    def receive(self) -> Any:
        """Return the process's next message.

        Raises:
            EOFError: If it has ended.
        """
        try:
            return pickle.loads(self.pipe.recv_bytes())
        except ConnectionError as error:
            raise EOFError("the worker process has ended") from error

    def exit_code(self) -> int | None:
        """Wait until the process has ended, and return its exit code; minus the signal that ended it."""
        self._process.join()
        code: int | None = self._process.exitcode
        return code

    def kill(self) -> None:
        """End the process at once."""
        self._process.kill()
        self._process.join()

    def release(self) -> None:
        """Let the process end by itself: close the pipe without waiting."""
        self.pipe.close()

    def stop(self) -> None:
        """Let the process end by itself and wait for it; a process that takes too long is killed."""
        self.pipe.close()
        if self._owner != os.getpid():  # a forked child has a copy of this, but the process is not its own
            return
        self._process.join(2 * LINGER_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()


def check_guard(code: int | None) -> None:
    """Raise if a worker has ended with `NO_GUARD`.

    Raises:
        WorkerError: If it has.
    """
    if code == NO_GUARD:
        raise WorkerError(GUARD)


def pack(message: Any) -> bytes:
    """Return a message as it is sent."""
    return pickle.dumps(message, pickle.HIGHEST_PROTOCOL)


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Start a process so that Ctrl-C does not reach it before it can ignore it: it begins with the signal blocked.

    In this process the signal is only late. A mask alone would not do: another thread, of a numerical library say, may
    take the signal, and the main thread would then act on it in the middle of the start.
    """
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    resource_tracker.ensure_running()  # it would let the signal through when it starts
    came: list[FrameType | None] = []
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    handler: Any = None
    if threading.current_thread() is threading.main_thread():
        handler = signal.signal(signal.SIGINT, lambda number, frame: came.append(frame))
    try:
        yield
    finally:
        if handler is not None:
            signal.signal(signal.SIGINT, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if came and callable(handler):
            handler(signal.SIGINT, came[0])


@contextmanager
def _main_without_a_file_hidden() -> Iterator[None]:
    """Start a process that does not look for the main script where there is none, as when it is read from a pipe."""
    main = sys.modules["__main__"].__dict__
    file = main.get("__file__")
    if file is None or os.path.exists(file):
        yield
        return
    del main["__file__"]
    try:
        yield
    finally:
        main["__file__"] = file


def _begin(
    pipe: Connection, variables: Mapping[str, str], folder: str, serve: Callable[..., None], arguments: tuple[Any, ...]
) -> None:
    """Run in a worker: the fork server's own variables and folder are those of when it was started."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    os.environ.clear()
    os.environ.update(variables)
    with suppress(OSError):
        os.chdir(folder)
    with suppress(ConnectionError):
        serve(Link(pipe), *arguments)
