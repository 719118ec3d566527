"""What studies of the generated tasks' worlds found, which comes with the package: finding it takes some 70 ms a task.

A line per task holds the chosen seed of its block, a checksum of that world, the expert's commands and the numbers of
the places that it needs. It counts only if the world that minigrid builds has this checksum: with another version of
minigrid, or a file that is out of date, the world is studied, and nothing changes but the time.
``python -m agemem_env.engines.babyai.study.making`` writes the file anew.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from agemem_env.engines.babyai.world import BabyAIWorld

FILE = "studies.json.zz"
"""The file, in the folder of this module."""


@dataclass(frozen=True, slots=True)
class KnownStudy:
    """What is known of a world.

    Attributes:
        seed: The world's number.
        checksum: `checksum` of the world at its start.
        commands: Commands of the expert that knows the needed places; None if it fails.
        gold: The needed places, as numbers in the list of all.
    """

    seed: int
    checksum: str
    commands: int | None
    gold: tuple[int, ...]

    @property
    def line(self) -> str:
        """Its line in the file.

        >>> KnownStudy.read(KnownStudy(1001, "07ab", None, (3, 1)).line)
        KnownStudy(seed=1001, checksum='07ab', commands=None, gold=(3, 1))
        """
        commands = "-" if self.commands is None else self.commands
        return f"{self.seed} {self.checksum} {commands} {' '.join(map(str, self.gold))}"

    @classmethod
    def read(cls, line: str) -> KnownStudy:
        """Return what a line of the file says."""
        seed, checked, commands, *gold = line.split()
        return cls(int(seed), checked, None if commands == "-" else int(commands), tuple(map(int, gold)))


def checksum(world: BabyAIWorld) -> str:
    """Return a checksum of a world at its start."""
    return world.digest()[:8]


def known_study(level: str, seed: int) -> KnownStudy | None:
    """Return what is known of a world; None if nothing is."""
    return _by_seed(level).get(seed)


def known_studies(level: str) -> Iterable[KnownStudy]:
    """Return what is known of a level's worlds."""
    return _by_seed(level).values()


def packed(studies: Mapping[str, Iterable[KnownStudy]]) -> bytes:
    """Return the content of the file, given what is known of each level's worlds."""
    lines = {level: [known.line for known in found] for level, found in studies.items()}
    return zlib.compress(json.dumps(lines, separators=(",", ":"), sort_keys=True).encode(), 9)


@lru_cache(maxsize=64)
def _by_seed(level: str) -> dict[int, KnownStudy]:
    return {known.seed: known for known in map(KnownStudy.read, _lines().get(level, ()))}


@lru_cache(maxsize=1)
def _lines() -> Mapping[str, list[str]]:
    file = files("agemem_env.engines.babyai.study") / FILE
    read: Mapping[str, list[str]] = json.loads(zlib.decompress(file.read_bytes())) if file.is_file() else {}
    return read
