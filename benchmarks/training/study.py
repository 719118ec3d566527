"""Runs that differ in their seed and in what they are compared by, beside each other: `<folder>/<variant>/seed-<n>`.

They share a clone and the test tasks. Whatever is there already is not made again.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agemem_env.errors import ConfigurationError, DataError, unknown_name
from baselines.grpo.folder import RunFolder, is_run
from baselines.grpo.math import Floats
from baselines.grpo.scorer import read
from baselines.grpo.settings import Settings
from baselines.grpo.train import clone
from baselines.grpo.workers import Workers
from benchmarks.runs.folder import ABOUT
from benchmarks.training.exam import Exam
from benchmarks.training.run import Manner, TrainingResult, TrainingRun, tested, trained

LONG_TERM = ("Add_memory", "Update_memory", "Delete_memory", "Retrieve_memory")
"""Tools for long-term memory, with the one by which the agent gets to see it."""

MOST_SEEDS = 100


@dataclass(frozen=True)
class Variant:
    """How a run differs from the ordinary one.

    Attributes:
        about: In one line.
        learning: Fields of `Learning` that differ.
        changes: Fields of `Settings` that differ.
    """

    about: str
    learning: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)

    def of(self, settings: Settings) -> Settings:
        """Return settings with what differs."""
        arguments = {**settings.arguments, **self.changes.get("arguments", {})}
        learning = replace(settings.learning, **self.learning)
        return replace(settings, **{**self.changes, "arguments": arguments, "learning": learning})


AGEMEM, NO_MEMORY = "agemem", "no-memory"

VARIANTS: Mapping[str, Variant] = {
    AGEMEM: Variant("all six tools, step-wise GRPO, three stages, all parts of the reward"),
    NO_MEMORY: Variant("no memory tool", changes={"arguments": {"tools": ()}}),
    "long-term": Variant("tools for long-term memory alone", changes={"arguments": {"tools": LONG_TERM}}),
    "answer-only": Variant("the reward of the task alone", learning={"returns": "answer"}),
    "stage-3-only": Variant("no stages 1 and 2 in training", changes={"curriculum": "stage-3-only"}),
    "per-trajectory": Variant("plain GRPO: each trajectory weighs the same", learning={"algorithm": "per-trajectory"}),
    "gigpo": Variant("groups of steps that began in the same state beside it", learning={"algorithm": "gigpo"}),
}
"""Runs that are compared, by the name of their folder."""

Results = dict[tuple[str, int], TrainingResult]
"""What came of each run, by variant and seed."""


def parse_seeds(text: str) -> tuple[int, ...]:
    """Return the seeds that a user wrote.

    >>> parse_seeds("0-2"), parse_seeds("7"), parse_seeds("1,4-5")
    ((0, 1, 2), (7,), (1, 4, 5))

    Raises:
        ConfigurationError: If it is not a list of numbers and ranges, or has a seed twice, or more than `MOST_SEEDS`.
    """
    found: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d{1,9})(?:\s*-\s*(\d{1,9}))?\s*", part, re.ASCII)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, -1)
        if last < first:
            raise ConfigurationError(f"seeds {text!r} are not allowed; write them as 0-4, or as 0,2,5")
        if last - first >= MOST_SEEDS or len(found) + last - first >= MOST_SEEDS:
            raise ConfigurationError(f"seeds {text!r} are more than {MOST_SEEDS}; use fewer")
        found += range(first, last + 1)
    twice = [str(seed) for seed, times in Counter(found).items() if times > 1]
    if twice:
        raise ConfigurationError(f"seeds {text!r} name {', '.join(twice)} more than once; write each once")
    return tuple(found)


def runs_of(base: Settings, variants: Sequence[str], seeds: Sequence[int], folder: Path) -> list[TrainingRun]:
    """Return the runs of a study.

    Args:
        base: Their settings, but for seed and variant.
        variants: Names in `VARIANTS`.
        seeds: Seeds of each.
        folder: Of the study.

    Raises:
        ConfigurationError: If a variant is unknown, or the folder is that of one run.
    """
    if is_run(folder):
        raise ConfigurationError(f"{folder} holds one run, not several: take another folder with --out")
    for name in variants:
        if name not in VARIANTS:
            raise unknown_name("variant", name, VARIANTS)
    return [
        TrainingRun(VARIANTS[name].of(replace(base, seed=seed)), folder / name / f"seed-{seed}", name)
        for name in variants
        for seed in seeds
    ]


def check_kind(folder: Path, *, one: bool) -> None:
    """Check that a folder holds training, if anything: of one run, or of runs beside each other.

    Raises:
        ConfigurationError: If it holds a run of a benchmark, or training of the other kind.
    """
    several = not is_run(folder) and any(is_run(run.parent) for run in folder.glob("*/seed-*/settings.json"))
    if (folder / ABOUT).exists():
        raise ConfigurationError(f"{folder} holds a run of `agemem bench`: name another folder")
    if one and several:
        raise ConfigurationError(f"{folder} holds runs of several seeds: name them with --seeds, or another folder")
    if not one and is_run(folder):
        raise ConfigurationError(f"{folder} holds a run of one seed: name another folder")


def check(runs: Sequence[TrainingRun]) -> None:
    """Check that what is there of some runs has their settings, and that the runs beside it are of their benchmark.

    Raises:
        ConfigurationError: If they are not.
    """
    for run in runs:
        if is_run(run.folder):
            RunFolder(run.folder).check(run.settings)
    wanted = {run.folder.parent.parent: run.settings.benchmark for run in runs}
    for folder, benchmark in wanted.items():
        for file in folder.glob("*/seed-*/settings.json"):
            found = RunFolder(file.parent).settings().get("benchmark")
            if found != benchmark:
                raise ConfigurationError(f"{folder} holds runs of {found}, not of {benchmark}: take another folder")


def play(
    runs: Sequence[TrainingRun], exam: Exam, lent: Workers, how: Manner, *, before: int = 0, total: int | None = None
) -> Results:
    """Train and test the runs of one benchmark, as far as that has not been done.

    Args:
        runs: They share a folder, a clone and the test tasks.
        exam: The test tasks.
        lent: Play.
        how: How they are carried out.
        before: Number of runs that were played before these, for whoever counts along.
        total: Number of all; None: those and these.

    Raises:
        ConfigurationError: If a folder holds a run with other settings; nothing is trained then.
    """
    check(runs)
    found: Results = {}
    for place, run in enumerate(runs, before + 1):
        count = f"run {place} of {total or before + len(runs)}"
        how.say(f"{count}: {run.settings.benchmark}, {run.variant}, seed {run.settings.seed}")
        start = shared_clone(run.settings, run.folder.parent.parent, lent)
        found[run.variant, run.settings.seed] = tested(run, trained(run, how, lent, start), exam)
    return found


def shared_clone(settings: Settings, folder: Path, lent: Workers) -> Floats:
    """Return the clone that the runs of a folder begin with; it is made if it is not there.

    Raises:
        ConfigurationError: If the folder has runs of another benchmark.
        DataError: If the clone cannot be read.
    """
    name = "-".join(["clone", str(settings.lessons), *settings.also])
    path = folder / f"{name}.npz"
    if not path.exists():
        RunFolder(folder).write_weights(name, clone(settings, lent), benchmark=settings.benchmark)
    try:
        weights, about = read(path)
    except DataError as error:
        raise DataError(f"{error}, after deleting it") from error
    if about.get("benchmark") != settings.benchmark:
        raise ConfigurationError(
            f"{path} is the clone of {about.get('benchmark')}, not of {settings.benchmark}: take another folder"
        )
    return weights
