"""Which tasks a split has, and what a task is: from ScienceWorld's variations to query, notes and turn limit."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from agemem_env.engines.base import TaskSet
from agemem_env.engines.briefing import difficulty, neighbours, turn_limit
from agemem_env.engines.sciworld import agentboard
from agemem_env.engines.sciworld.agentboard import SciWorldLabel
from agemem_env.engines.sciworld.briefing import LABORATORIES, ToldLab, distractors, laboratory, notes
from agemem_env.engines.sciworld.catalogue import check_simplifications, splits, task_names
from agemem_env.engines.sciworld.simulator import SciWorldSimulator
from agemem_env.engines.sciworld.study.study import SciWorldStudy, study
from agemem_env.errors import ConfigurationError, unknown_name
from agemem_env.types import Task

LIMIT_FACTOR = 1.125
"""Turn limit of the default protocol, as a multiple of the informed expert's commands."""

LIMIT_EXTRA = 3
"""Turns on top of it: two for memory, one to spare."""

EASY = 6
"""Most commands of the expert in an easy task that no label speaks of."""

OTHERS = 1
"""Other laboratories that stage 1 tells of in the default protocol."""

_SHIFT = 59


@dataclass(frozen=True, slots=True)
class SciWorldSpec:
    """Which variation a task is, and how it is played.

    Attributes:
        task: ScienceWorld's name of the task.
        variation: Its number.
        simplifications: Those it is played with.
        goal: The task in AgentBoard's words; empty for ScienceWorld's.
        subgoals: AgentBoard's sub-goals; empty in the default protocol.
        difficulty: What the label says of it; None without one.
    """

    task: str
    variation: int
    simplifications: str
    goal: str = ""
    subgoals: tuple[str, ...] = ()
    difficulty: str | None = None

    @property
    def id(self) -> str:
        """Id of the task."""
        return f"{self.task}/{self.variation}"


def chosen_tasks(tasks: Sequence[str] | str | None) -> list[str]:
    """Return the names of the tasks to be played: all 30 for None.

    Raises:
        ConfigurationError: If there is no such task.
    """
    if tasks is None:
        return list(task_names())
    names = [tasks] if isinstance(tasks, str) else list(tasks)
    if not names:
        raise ConfigurationError("tasks=[] is not allowed; name at least one ScienceWorld task")
    for name in names:
        if name not in task_names():
            raise unknown_name("ScienceWorld task", name, task_names())
    return list(dict.fromkeys(names))


def variations(names: Sequence[str], split: str, simplifications: str, simulator: SciWorldSimulator) -> TaskSet:
    """Return the variations of a split, the tasks in turn.

    Args:
        names: ScienceWorld's names of the tasks.
        split: ``train``, ``valid`` or ``test``.
        simplifications: Those they are played with.
        simulator: Where variations are studied when their tasks are asked for.

    Raises:
        ConfigurationError: If a task cannot be played with these simplifications.
    """
    ranked = []
    for position, name in enumerate(names):
        check_simplifications(name, simplifications)
        parts = splits(name)
        numbers = {"train": parts.train, "valid": parts.dev, "test": parts.test}[split]
        ranked += [(rank, position, variation) for rank, variation in enumerate(numbers)]
    specs = [SciWorldSpec(names[position], variation, simplifications) for _, position, variation in sorted(ranked)]
    return _listed(specs, split, simulator)


def labelled(labels: Sequence[SciWorldLabel], simplifications: str, simulator: SciWorldSimulator) -> TaskSet:
    """Return the tasks of AgentBoard's labels."""
    specs = [
        SciWorldSpec(label.task, label.variation, simplifications, label.goal, label.subgoals, label.difficulty)
        for label in labels
    ]
    return _listed(specs, "test", simulator)


def _listed(specs: Sequence[SciWorldSpec], split: str, simulator: SciWorldSimulator) -> TaskSet:
    index = {spec.id: i for i, spec in enumerate(specs)}

    @lru_cache(maxsize=256)
    def build(position: int) -> Task:
        others = [] if specs[position].subgoals else [specs[i] for i in neighbours(position, len(specs), OTHERS)]
        return build_task(specs[position], split, simulator, others)

    return TaskSet(len(specs), build, index.get, lambda position: specs[position].id)


def build_task(
    spec: SciWorldSpec, split: str, simulator: SciWorldSimulator, others: Sequence[SciWorldSpec] = ()
) -> Task:
    """Return a task.

    Args:
        spec: Variation and scoring.
        split: Its split.
        simulator: Where variations are studied.
        others: Other variations; what they need is told in stage 1 as well.
    """
    number = zlib.crc32(spec.id.encode())
    rng = np.random.default_rng(number)
    labs = [_lab(each, number + _SHIFT * i, simulator) for i, each in enumerate((spec, *others))]
    lab, found = labs[0].name, labs[0].found
    told = notes(labs[0], labs[1:], rng)
    return Task(
        id=spec.id,
        benchmark="SciWorld",
        split=split,
        source="official",
        query=f"You work in the {lab} laboratory. {spec.goal or found.query}",
        facts=tuple(note.fact for note in told),
        distractors=tuple(distractors(labs, number % LABORATORIES, rng)),
        max_rounds=agentboard.ROUNDS if spec.subgoals else limit_of(found),
        data={"spec": spec, "study": found, "about": tuple(note.about for note in told)},
        difficulty=spec.difficulty or difficulty(commands_of(found), EASY),
    )


def _lab(spec: SciWorldSpec, number: int, simulator: SciWorldSimulator) -> ToldLab:
    found = study(spec.task, spec.variation, spec.simplifications, simulator)
    return ToldLab(laboratory(number % LABORATORIES), found)


def commands_of(found: SciWorldStudy) -> int:
    """Return the commands that the informed expert needs, or an estimate where it does not get there."""
    return found.commands if found.commands is not None else 2 * len(found.plan.acts)


def limit_of(found: SciWorldStudy) -> int:
    """Return the turn limit of the default protocol."""
    return turn_limit(commands_of(found), LIMIT_FACTOR, LIMIT_EXTRA)
