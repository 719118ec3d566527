"""No memory: the backbone without memory tools and without a memory system."""

from __future__ import annotations

from baselines.memory.base import Unaided


class NoMemory(Unaided):
    """The inner policy in an environment without memory tools."""

    system = "no-memory"
