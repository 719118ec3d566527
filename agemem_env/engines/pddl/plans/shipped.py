"""The plans of the generated problems, which come with the package: looking for them takes some 40 ms each.

A file per split has a line per task: which drawn problem it is, a checksum of that problem, and the indices of the
plan's actions. A line counts only if the problem drawn has this checksum and the plan reaches its goal, so that a file
that is out of date costs time and changes nothing. ``python -m agemem_env.engines.pddl.plans.making`` writes them anew.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from agemem_env.engines.pddl.strips.parser import Problem


@dataclass(frozen=True, slots=True)
class KnownPlan:
    """What was found for a task.

    Attributes:
        attempt: Which of the drawn problems it is, from 1.
        checksum: `checksum` of the problem.
        plan: Indices of actions.
    """

    attempt: int
    checksum: int
    plan: tuple[int, ...]

    @property
    def line(self) -> str:
        """Its line in the file.

        >>> KnownPlan.read(KnownPlan(2, 77, (5, 1)).line)
        KnownPlan(attempt=2, checksum=77, plan=(5, 1))
        """
        return f"{self.attempt} {self.checksum:x} {' '.join(map(str, self.plan))}"

    @classmethod
    def read(cls, line: str) -> KnownPlan:
        """Return what a line of the file says."""
        attempt, checked, *plan = line.split()
        return cls(int(attempt), int(checked, 16), tuple(map(int, plan)))


def checksum(problem: Problem) -> int:
    """Return a checksum of a problem, the order of its parts included, on which the indices of its actions depend."""
    return zlib.crc32(repr((problem.domain, problem.objects, problem.init, problem.goal)).encode())


def known_plan(split: str, index: int) -> KnownPlan | None:
    """Return what is known of a generated task; None if nothing is."""
    lines = _lines(split)
    return KnownPlan.read(lines[index]) if index < len(lines) else None


def packed(plans: Iterable[KnownPlan]) -> bytes:
    """Return the content of a split's file."""
    return zlib.compress("\n".join(known.line for known in plans).encode(), 9)


@lru_cache(maxsize=3)
def _lines(split: str) -> list[str]:
    file = files("agemem_env.engines.pddl.plans") / f"{split}.txt.zz"
    return zlib.decompress(file.read_bytes()).decode().split("\n") if file.is_file() else []
