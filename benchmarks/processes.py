"""How many processes there may be: what computes needs one per processor, what waits for models may have some more.

Nothing that is measured depends on the number of processes.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

PER_PROCESSOR = 16
"""Processes for each processor, at most, where they may wait for others most of the time."""


def processors() -> int:
    """Return the number of processors that this process may use, which may be fewer than the machine has."""
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def one_each(option: str, asked: int, say: Callable[[str], None]) -> int:
    """Return how many processes to start that do nothing but compute: not more than there are processors.

    Args:
        option: Name of the option that asks for them.
        asked: Its value.
        say: Told in one line if they are fewer.

    >>> one_each("--processes", 1, print)
    1
    """
    there = processors()
    if asked > there:
        say(f"{option} {asked} is more than there are processors: {there} will do, and nothing else changes")
    return min(asked, there)


def check_waiting(option: str, asked: int) -> None:
    """Check a number of processes that may wait for models.

    Args:
        option: Name of the option that asks for them.
        asked: Its value.

    Raises:
        ConfigurationError: If it is so large that the machine would be busy with them alone.
    """
    from agemem_env.errors import ConfigurationError

    there = processors()
    if asked > PER_PROCESSOR * there:
        raise ConfigurationError(
            f"{option} {asked} is not allowed with {there} processor{'s' if there > 1 else ''}; use a number from 1 to "
            f"{PER_PROCESSOR * there}"
        )
