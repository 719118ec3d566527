"""When a failed call of a service is tried again, and how long to wait before."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

import numpy as np

_TRANSIENT = frozenset({408, 409, 429})


@dataclass(frozen=True)
class RetryRule:
    """Exponential backoff with jitter.

    Attributes:
        attempts: How often a call is made at most.
        first_wait: Longest wait before the second attempt, in seconds; it doubles from attempt to attempt.
        longest_wait: Limit of that growth, in seconds. A wait that the server asks for is not limited by it.
    """

    attempts: int = 6
    first_wait: float = 0.5
    longest_wait: float = 30.0

    def wait(self, failures: int, asked: float | None, rng: np.random.Generator) -> float:
        """Return how many seconds to wait after some failures.

        Args:
            failures: Number of failed attempts, from 1.
            asked: What the server asked for, in seconds; None for nothing.
            rng: Draws the jitter: clients that failed together do not come back together.

        >>> RetryRule().wait(1, 2.0, np.random.default_rng(0))
        2.0
        >>> 0.25 <= RetryRule().wait(1, None, np.random.default_rng(0)) <= 0.5
        True
        """
        if asked is not None:
            return asked
        longest = min(self.longest_wait, self.first_wait * 2 ** (failures - 1))
        return float(rng.uniform(longest / 2, longest))


def is_transient(status: int) -> bool:
    """Whether a call that got this HTTP status may succeed later.

    >>> [is_transient(status) for status in (400, 408, 409, 429, 500, 503)]
    [False, True, True, True, True, True]
    """
    return status in _TRANSIENT or status >= 500


def asked_wait(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Return the seconds that a response asks to wait: ``retry-after-ms``, or ``retry-after`` in seconds or as a date.

    Args:
        headers: Headers of the response, with lower-case names.
        now: The time as seconds since the epoch; None reads the clock.

    >>> asked_wait({"retry-after": "1.5"}), asked_wait({"retry-after-ms": "20"})
    (1.5, 0.02)
    >>> asked_wait({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, now=50.0)
    10.0
    >>> asked_wait({"retry-after": "soon"}) is None
    True
    """
    milliseconds, value = headers.get("retry-after-ms"), headers.get("retry-after")
    try:
        if milliseconds is not None:
            return max(0.0, float(milliseconds) / 1000)
        if value is None:
            return None
        return max(0.0, float(value))
    except ValueError:
        pass
    try:
        date = parsedate_to_datetime(value or "")
    except ValueError:
        return None
    return max(0.0, date.timestamp() - (time.time() if now is None else now))
