"""How much memory a process takes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

_MB = 1024 * 1024


def resident_mb(pid: int | None = None) -> float:
    """Return the resident memory of a process and of its own child processes, in MB; 0.0 where there is no /proc.

    Args:
        pid: Its number; None for this one.

    >>> resident_mb() >= 0
    True
    """
    if sys.platform != "linux":
        return 0.0
    mine = os.getpid() if pid is None else pid
    return sum(_pages(process) for process in (mine, *children(mine))) * os.sysconf("SC_PAGE_SIZE") / _MB


def children(pid: int) -> list[int]:
    """Return the child processes of a process, such as a Java virtual machine."""
    try:
        texts = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    return [int(number) for text in texts for number in text.split()]


def _pages(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
