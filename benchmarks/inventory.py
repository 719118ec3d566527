"""Which official data are here, and where: what `agemem data list` and `agemem doctor` say of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from agemem_env.data import data_folder, data_root
from agemem_env.data.datasets import DATASETS
from agemem_env.engines.agentboard_labels import FOLDER as LABELS
from agemem_env.errors import DataError

ROWS = "AgentBoard's labels"
"""Name of the labels among the data of a benchmark."""

LABEL_ROWS: Mapping[str, tuple[str, int]] = MappingProxyType(
    {"ALFWorld": ("alfworld", 134), "BabyAI": ("babyai", 112), "PDDL": ("pddl", 60), "SciWorld": ("scienceworld", 90)}
)
"""Benchmark -> AgentBoard's name for it and the number of its label rows."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One piece of official data.

    Attributes:
        benchmark: The benchmark that it belongs to.
        name: What it is: a split, problems, AgentBoard's labels.
        found: What there is of it; empty if nothing.
        folder: Where it is, or where it is looked for first.
    """

    benchmark: str
    name: str
    found: str
    folder: Path

    def __str__(self) -> str:
        return f"{self.name}: {self.state}, {'in' if self.found else 'looked for in'} {self.folder}"

    @property
    def state(self) -> str:
        """What there is of it, or that it is missing."""
        return self.found or ("not downloaded" if self.benchmark in DATASETS and self.name != ROWS else "not here")


def inventory() -> list[Holding]:
    """Return every piece of official data that the benchmarks know, whether it is here or not, by benchmark.

    Nothing large is read: a file that is here may still be broken.
    """
    found = [*_hotpotqa(), *_alfworld(), *_pddl(), *_labels()]
    return sorted(found, key=lambda holding: holding.benchmark)


def _hotpotqa() -> Iterator[Holding]:
    from agemem_env.engines.hotpotqa.official import PATTERNS, find_file

    folder = data_folder("HotpotQA")
    for split in PATTERNS:
        file = find_file(split)
        yield Holding("HotpotQA", split, "" if file is None else file.name, folder)
    names = {path.name for path in folder.glob("[!.]*") if path.suffix not in (".part", ".zip")}
    known = {path.name for pattern in PATTERNS.values() for path in folder.glob(pattern)}
    if names - known:
        yield Holding("HotpotQA", "files of no split", ", ".join(sorted(names - known)), folder)


def _alfworld() -> Iterator[Holding]:
    from agemem_env.engines.alfworld.official import OFFICIAL_NAMES, RELEASE, data_folders, official_split

    for split, name in OFFICIAL_NAMES.items():
        try:
            games = official_split(name)
        except DataError:
            yield Holding("ALFWorld", split, "", data_folders()[0] / RELEASE / name)
        else:
            yield Holding("ALFWorld", split, games.summary, games.folder)


def _pddl() -> Iterator[Holding]:
    from agemem_env.engines.pddl.official import COUNTS, entries, folder, present

    found = ""
    if present():
        try:
            kinds = Counter(entry.kind for entry in entries())
            listed = ", ".join(f"{kind} {count}" for kind, count in kinds.items())
            found = f"{sum(kinds.values())} of {sum(COUNTS.values())} problems ({listed})"
        except DataError as error:
            found = f"broken ({error})"
    yield Holding("PDDL", "test", found, folder())


def _labels() -> Iterator[Holding]:
    folder = data_root() / LABELS
    for benchmark, (name, total) in LABEL_ROWS.items():
        files = sorted(folder.glob(f"{name}*.jsonl"))
        try:
            rows = {json.loads(line)["id"] for file in files for line in file.read_bytes().split(b"\n") if line.strip()}
            found = f"{len(rows)} of {total} rows ({', '.join(file.name for file in files)})" if files else ""
        except (OSError, ValueError, LookupError, TypeError) as error:
            found = f"broken ({type(error).__name__}: {error})"
        yield Holding(benchmark, ROWS, found, folder)
