"""The sets of tasks: generated, official, or from the user's files."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from agemem_env.engines.base import TaskSet
from agemem_env.engines.pddl.builtin import DOMAINS, builtin_domain, kind_of
from agemem_env.engines.pddl.facts import make_task
from agemem_env.engines.pddl.generators import SPLIT_SIZES, generate
from agemem_env.engines.pddl.official import Entry, entries, problem_files, read_domain, read_problem
from agemem_env.engines.pddl.parser import Domain, Problem
from agemem_env.engines.pddl.setup import prepare
from agemem_env.types import Task

_CACHED = 128
_MAX_EVALUATIONS = 3_000


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
    ground, difficulty, rng = generate(split, number)
    return make_task(_generated_id(split, number), split, "generated", protocol, ground, difficulty, rng)


@lru_cache(maxsize=_CACHED)
def _official(split: str, entry: Entry, protocol: str) -> Task:
    domain = builtin_domain(entry.kind)
    ground = prepare(entry.kind, domain, read_problem(entry.path, domain), _MAX_EVALUATIONS)
    return make_task(entry.id, split, "official", protocol, ground, entry.difficulty, _rng(entry.id))


def _from_file(
    split: str, protocol: str, domain: Domain, files: Sequence[Path], problems: Sequence[Problem], index: int
) -> Task:
    task_id = f"file-{files[index].stem}"
    ground = prepare(kind_of(domain), domain, problems[index], _MAX_EVALUATIONS)
    return make_task(task_id, split, "official", protocol, ground, None, _rng(task_id))


def _rng(task_id: str) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(zlib.crc32(task_id.encode())))
