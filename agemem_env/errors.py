"""Every exception of the package, and the rule that decides what becomes one.

* The **agent's** mistake (a malformed call, an unknown memory id, an impossible command) is never an
  exception: it becomes text for the agent and a counted `agemem_env.types.Violation`.
* The **programmer's** mistake (an unknown keyword, a step after the end, a missing data file) is an exception
  that names the value, what is allowed and what to do.
* A **service** that fails (an embedding model or a summariser behind a network) raises `ServiceError`. A judge that
  fails leaves its part of the score open, which is counted; a score is never silently replaced.
"""

from __future__ import annotations

import difflib
import signal
from collections.abc import Iterable
from contextlib import suppress

SHOWN_NAMES = 40
"""Allowed names that an error message lists."""


class AgeMemError(Exception):
    """Base class of every exception raised by this package."""


class ConfigurationError(AgeMemError, ValueError):
    """A constructor or reset argument has a value that is not allowed."""


class DataError(AgeMemError, RuntimeError):
    """Data of a benchmark is missing, incomplete or corrupt; the message says which command mends it."""


class MissingDataError(DataError):
    """Data of a benchmark is not there at all; only then does ``source="auto"`` mean generated tasks."""


class DeskError(AgeMemError, RuntimeError):
    """A memory system used `AgeMemEnv.desk` after its turn was over, or named a memory that does not exist."""


class ConcurrentUseError(AgeMemError, RuntimeError):
    """Two threads used one environment at the same time."""


class MissingExtraError(AgeMemError, ImportError):
    """An optional dependency is needed; the message names the pip extra that installs it."""

    def __init__(self, package: str, extra: str, purpose: str) -> None:
        super().__init__(f"{purpose} needs the package {package!r}: {install_hint(extra)}")
        self._given = (package, extra, purpose)

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str, str]]:
        """Let it reach the process that asked a worker for what is missing."""
        return type(self), self._given


class ServiceError(AgeMemError, RuntimeError):
    """An encoder, summariser, judge or tokenizer failed; nothing was scored in its place."""


class EndpointError(ServiceError):
    """The key, the address or the proxy of a service is missing or cannot be used; nothing was sent."""


class UnscoredError(ServiceError):
    """A judge failed; the part of the score that asked it is left open."""


class ContextLengthError(ServiceError):
    """A model refused a prompt because it exceeds the model's context."""


class ReplayMissError(ServiceError):
    """A request is not in the cassette that is replayed; the message shows how the nearest one differs."""


class StorageError(AgeMemError, RuntimeError):
    """A file of rows or a recording could not be written, as on a full disk; what it held before is still there."""


class EngineCrash(AgeMemError, RuntimeError):
    """A simulator outside of this process died, hangs or failed; its episode is lost and the next reset works."""


def install_hint(extra: str) -> str:
    """Return how an extra is installed, from an index or from a checkout.

    >>> install_hint("babyai")
    "run `pip install 'agemem-env[babyai]'`, or in a checkout `pip install '.[babyai]'`"
    """
    return f"run `pip install 'agemem-env[{extra}]'`, or in a checkout `pip install '.[{extra}]'`"


def unknown_name(kind: str, value: object, allowed: Iterable[str]) -> ConfigurationError:
    """Return the error for a name that is not in a table, with the nearest and, up to `SHOWN_NAMES`, all allowed names.

    >>> print(unknown_name("split", "tset", ["train", "valid", "test"]))
    unknown split 'tset'; did you mean 'test'? Allowed: 'train', 'valid', 'test'
    """
    names = list(allowed)
    known = {name.lower(): name for name in names}
    near = difflib.get_close_matches(str(value).lower(), known, n=1)
    hint = f"did you mean {known[near[0]]!r}? " if near else ""
    shown = ", ".join(map(repr, names[:SHOWN_NAMES]))
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ConfigurationError(f"unknown {kind} {value!r}; {hint}Allowed: {shown}{more}")


def exit_text(code: int | None) -> str:
    """Return in words how a process ended.

    >>> exit_text(-9), exit_text(3)
    ('was ended by SIGKILL', 'ended with exit code 3')
    """
    if code is not None and code < 0:
        with suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"
