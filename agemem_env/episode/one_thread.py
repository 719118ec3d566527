"""One thread at a time in an environment."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from agemem_env.errors import ConcurrentUseError


class OneThread:
    """A door that one call at a time goes through.

    >>> door = OneThread()
    >>> with door("step()"):
    ...     with door("reset()"):
    ...         pass
    Traceback (most recent call last):
        ...
    agemem_env.errors.ConcurrentUseError: reset() was called while the same environment was in step(): use an \
environment in one thread at a time, and another environment in another thread
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = ""

    def __call__(self, what: str) -> OneThread:
        """Say what is about to be called."""
        if not self._lock.acquire(blocking=False):
            raise ConcurrentUseError(
                f"{what} was called while the same environment was in {self._inside}: use an environment in one "
                f"thread at a time, and another environment in another thread"
            )
        self._inside = what
        return self

    def __enter__(self) -> None:
        """Go in: `__call__` has done it."""

    def __exit__(self, *error: object) -> None:
        self._lock.release()


class Guarded(Protocol):
    """Something with a door."""

    alone: OneThread


P = ParamSpec("P")
R = TypeVar("R")
G = TypeVar("G", bound=Guarded)


def one_at_a_time(method: Callable[Concatenate[G, P], R]) -> Callable[Concatenate[G, P], R]:
    """Let a method go through the door ``alone`` of its object.

    Raises:
        ConcurrentUseError: If another thread is inside, when the method is called.
    """
    name = f"{method.__name__}()"

    @functools.wraps(method)
    def guarded(self: G, /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.alone(name):
            return method(self, *args, **kwargs)

    return guarded
