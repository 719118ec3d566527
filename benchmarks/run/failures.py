"""When a run ends before all is played: a service is down, or what is recorded can no longer be written."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agemem_env.errors import AgeMemError, EndpointError, ServiceError, StorageError
from benchmarks.results.row import EpisodeRow

EQUAL_FAILURES = 5
"""So many episodes in a row that a service fails in the same way end a run: the next ones would fail too."""

_DOWN = (ServiceError.__name__, EndpointError.__name__)
"""What says that a service is down, not that it has something against one request."""


class RunEndedError(AgeMemError, RuntimeError):
    """A run ended before all was played; what was played is in the file."""


class FailureWatch:
    """Looks at the rows of a run as they come, and ends the run where going on would help nobody.

    Args:
        limit: Number of equal failures of a service in a row.
    """

    def __init__(self, limit: int = EQUAL_FAILURES) -> None:
        self._limit = limit
        self._last = ""
        self._times = 0

    def look(self, row: EpisodeRow) -> None:
        """Take the next row.

        Raises:
            RunEndedError: If it is the last of too many equal failures.
            StorageError: If its episode could not be recorded.
        """
        error = row.error
        if error is not None and error["type"] == StorageError.__name__:
            raise StorageError(error["message"])
        if error is None or error["type"] not in _DOWN:
            self._times = 0
            return
        kind = _without_numbers(error)
        self._times = self._times + 1 if kind == self._last else 1
        self._last = kind
        if self._times >= self._limit:
            raise RunEndedError(f"the run was ended after {self._times} equal failures in a row: {error['message']}")


def commonest(rows: Iterable[EpisodeRow]) -> tuple[int, str] | None:
    """Return how often the commonest error of crashed episodes occurred, and its text; None if no episode crashed.

    Errors that differ in numbers alone, such as ports and seconds, are the same; of errors that are as common the
    first counts.
    """
    counts: dict[str, tuple[int, str]] = {}
    for row in rows:
        if row.error is not None:
            kind = _without_numbers(row.error)
            count, text = counts.get(kind, (0, f"{row.error['type']}: {row.error['message']}"))
            counts[kind] = count + 1, text
    return max(counts.values(), key=lambda found: found[0], default=None)


def _without_numbers(error: Mapping[str, str]) -> str:
    return f"{error['type']}: {re.sub(r'[0-9]+', '0', error['message'])}"
