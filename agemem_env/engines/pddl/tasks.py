"""Which tasks there are, generated, official, or from the user's files, and what a task is."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from agemem_env.engines.base import TaskSet
from agemem_env.engines.briefing import neighbours
from agemem_env.engines.pddl.agentboard import agentboard_goal
from agemem_env.engines.pddl.briefing import brief, query
from agemem_env.engines.pddl.builtin import DOMAINS, builtin_domain, kind_of
from agemem_env.engines.pddl.generators import SPLIT_SIZES, generate
from agemem_env.engines.pddl.official import Entry, entries, folder, present, problem_files, read_domain, read_problem
from agemem_env.engines.pddl.setup import Ground, PDDLSetup, prepare, turn_limit
from agemem_env.engines.pddl.strips.parser import Domain, Problem
from agemem_env.errors import ConfigurationError, MissingDataError, unknown_name
from agemem_env.types import Task

OTHERS = 1
"""Other places that stage 1 of a generated task tells of."""

_CACHED = 128
_MAX_EVALUATIONS = 3_000


def choose_tasks(
    split: str, source: str, protocol: str, domain: str | None, problem: str | Path | None
) -> tuple[str, TaskSet]:
    """Return where the tasks come from, and the tasks; the user's own files count as official.

    Args:
        split: ``train``, ``valid`` or ``test``.
        source: ``official``, ``generated`` or ``auto``.
        protocol: ``agemem`` or ``agentboard``.
        domain: One of the four domains, or a domain file; None for all four.
        problem: A problem file or a folder of them.

    Raises:
        ConfigurationError: If an argument is not allowed.
        DataError: If a file is missing or has something wrong in it.
    """
    for name, value in (("domain", domain), ("problem", problem)):
        if value is not None and not isinstance(value, (str, Path)):
            raise ConfigurationError(f"{name}={value!r} is not allowed; use a name or a path")
    if problem is not None:
        if domain is None:
            raise ConfigurationError(
                f"problem={str(problem)!r} needs its domain: one of {', '.join(DOMAINS)}, or a file"
            )
        return "official", file_tasks(split, protocol, str(domain), str(problem))
    if domain is not None and domain not in DOMAINS:
        if Path(domain).is_file():
            raise ConfigurationError(f"domain={str(domain)!r} needs problem=, a file or a folder with problems of it")
        raise unknown_name("domain", domain, (*DOMAINS, "a domain file"))
    if source == "official" and split != "test":
        raise ConfigurationError(
            f"split={split!r} has no official problems: they are a test split; use source='generated'"
        )
    if source == "official" or (source == "auto" and split == "test" and present()):
        tasks = official_tasks(split, protocol, domain)
        if tasks:
            return "official", tasks
        if source == "official":
            raise MissingDataError(f"there are no official PDDL problems of {domain or 'any domain'} in {folder()}")
    return "generated", generated_tasks(split, protocol, domain)


def generated_tasks(split: str, protocol: str, kind: str | None) -> TaskSet:
    """Return the generated tasks of a split, of one domain or of all."""
    numbers = range(SPLIT_SIZES[split])
    if kind is not None:
        numbers = range(DOMAINS.index(kind), SPLIT_SIZES[split], len(DOMAINS))
    ids = {_generated_id(split, number): i for i, number in enumerate(numbers)}
    names = tuple(ids)
    return TaskSet(len(numbers), lambda index: _generated(split, numbers[index], protocol), ids.get, names.__getitem__)


def official_tasks(split: str, protocol: str, kind: str | None) -> TaskSet:
    """Return the official tasks, of one domain or of all."""
    chosen = [entry for entry in entries() if kind in (None, entry.kind)]
    ids = {entry.id: i for i, entry in enumerate(chosen)}
    return TaskSet(
        len(chosen), lambda index: _official(split, chosen[index], protocol), ids.get, lambda index: chosen[index].id
    )


def file_tasks(split: str, protocol: str, domain: str, problem: str) -> TaskSet:
    """Return tasks from the user's files; every problem is parsed at once, so that errors come at once."""
    read = read_domain(domain)
    files = problem_files(problem)
    problems = [read_problem(path, read) for path in files]
    build = lru_cache(maxsize=_CACHED)(partial(_from_file, split, protocol, read, files, problems))
    ids = {f"file-{path.stem}": i for i, path in enumerate(files)}
    return TaskSet(len(files), build, ids.get, tuple(ids).__getitem__)


def _generated_id(split: str, number: int) -> str:
    return f"gen-{split}-{DOMAINS[number % len(DOMAINS)]}-{number:06}"


@lru_cache(maxsize=_CACHED)
def _generated(split: str, number: int, protocol: str) -> Task:
    ground, difficulty, drawn = _problem(split, number)
    heading = _Heading(_generated_id(split, number), split, "generated", difficulty)
    others = [_problem(split, i)[0] for i in _others(split, number)] if protocol == "agemem" else []
    return _build(heading, protocol, ground, deepcopy(drawn), others)


_problem = lru_cache(maxsize=_CACHED)(generate)
"""A generated problem serves its neighbours as well; the generator that comes with it is for copies only."""


def _others(split: str, number: int) -> list[int]:
    """Return the numbers of other tasks of the same domain that might be asked for as well."""
    turn, kind = divmod(number, len(DOMAINS))
    near = neighbours(turn, SPLIT_SIZES[split] // len(DOMAINS), OTHERS)
    return [i * len(DOMAINS) + kind for i in near]


@lru_cache(maxsize=_CACHED)
def _official(split: str, entry: Entry, protocol: str) -> Task:
    domain = builtin_domain(entry.kind)
    ground = prepare(entry.kind, domain, read_problem(entry.path, domain), _MAX_EVALUATIONS)
    return _build(_Heading(entry.id, split, "official", entry.difficulty), protocol, ground, _rng(entry.id))


def _from_file(
    split: str, protocol: str, domain: Domain, files: Sequence[Path], problems: Sequence[Problem], index: int
) -> Task:
    task_id = f"file-{files[index].stem}"
    ground = prepare(kind_of(domain), domain, problems[index], _MAX_EVALUATIONS)
    return _build(_Heading(task_id, split, "official", None), protocol, ground, _rng(task_id))


def _rng(task_id: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(zlib.crc32(task_id.encode())))


@dataclass(frozen=True, slots=True)
class _Heading:
    """What a task is called and where it is from; the difficulty is None if nobody said."""

    id: str
    split: str
    source: str
    difficulty: str | None


def _build(
    heading: _Heading, protocol: str, ground: Ground, rng: np.random.Generator, others: Sequence[Ground] = ()
) -> Task:
    """Return the task for a problem; under AgentBoard's protocol its query hides nothing and it has no limit."""
    plain = protocol == "agemem"
    told = brief(ground, hides_goals=plain, rng=rng, others=others)
    return Task(
        id=heading.id,
        benchmark="PDDL",
        split=heading.split,
        source=heading.source,
        query=query(ground, told.place, told.hidden_goals) if plain else agentboard_goal(ground.problem.goal),
        facts=told.facts,
        utterances=told.utterances,
        distractors=told.distractors,
        max_rounds=turn_limit(ground.plan) if plain else None,
        data={"setup": PDDLSetup(ground, told.place, heading.difficulty, told.hidden_goals, told.atoms)},
        difficulty=heading.difficulty,
    )
