"""Streams: tasks in an order in which what one tells is needed by a later one, for a memory that outlives an episode.

A stream is made of tasks of a split. What a task needs is told in stage 1 of its own episode or of one of the `LAGS`
before it, and what corrects it later than that: whoever forgets between two episodes cannot know, and a store that is
not kept up to date says what is no longer true. Query, distractors and scores are the task's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache, partial

import numpy as np

from agemem_env.engines.base import TaskSet
from agemem_env.errors import ConfigurationError
from agemem_env.types import Fact, Task, Utterance

LENGTH = 24
"""Tasks of a stream."""

LAGS = 4
"""What a task needs is told at most so many episodes before its own, less one; each number is equally likely."""


@dataclass(frozen=True)
class StreamTask(Task):
    """A task of a stream.

    Attributes:
        own: The task of the split that is played; its engine knows no other.
    """

    own: Task | None = None


def engine_task(task: Task) -> Task:
    """Return what an engine is given to play a task."""
    return task.own if isinstance(task, StreamTask) and task.own is not None else task


@dataclass(frozen=True, slots=True)
class _Part:
    """A message of stage 1: of which task of the stream, and which of its messages."""

    owner: int
    utterance: Utterance


def streams_of(tasks: TaskSet) -> TaskSet:
    """Return the tasks of all streams that can be made of the tasks of a split, stream by stream.

    Ids are ``stream-<number>-<position>``, both from 0.

    Raises:
        ConfigurationError: If there are too few tasks for one stream.
    """
    count = len(tasks) // LENGTH
    if not count:
        raise ConfigurationError(
            f"streams=True is not allowed: a stream takes {LENGTH} tasks, and there are {len(tasks)}"
        )
    stream = lru_cache(maxsize=8)(partial(_Stream, tasks))

    def build(index: int) -> Task:
        number, position = divmod(index, LENGTH)
        return stream(number).task(position)

    def find(task_id: str) -> int | None:
        """Return the index of a task id; None if no stream has it."""
        match = _ID.fullmatch(task_id)
        index = int(match[1]) * LENGTH + int(match[2]) if match else -1
        return index if 0 <= index < count * LENGTH and name(index) == task_id else None

    def name(index: int) -> str:
        return _name(*divmod(index, LENGTH))

    return TaskSet(count * LENGTH, build, find, name)


def stream_ids(number: int) -> list[str]:
    """Return the ids of the tasks of a stream, in order.

    >>> stream_ids(3)[:2]
    ['stream-3-00', 'stream-3-01']
    """
    return [_name(number, position) for position in range(LENGTH)]


def _name(number: int, position: int) -> str:
    return f"stream-{number}-{position:02}"


_ID = re.compile(r"stream-([0-9]{1,6})-([0-9]{2})")


class _Stream:
    """Makes the tasks of a stream.

    Args:
        tasks: The tasks of the split.
        number: Number of the stream, which draws the order of its tasks and when what is told.
    """

    def __init__(self, tasks: TaskSet, number: int) -> None:
        self._tasks, self._number = tasks, number
        order = np.random.default_rng([_SALT, number]).permutation(LENGTH)
        self._members = [number * LENGTH + int(i) for i in order]
        self._base = lru_cache(maxsize=4 * LAGS)(lambda position: self._tasks[self._members[position]])

    def task(self, position: int) -> Task:
        """Return the task at a position."""
        own = self._base(position)
        told = self._told(position)
        before = [p for episode in range(max(0, position - LAGS + 1), position) for p in self._told(episode)]
        owners = {part.owner for part in told}
        known = [part for part in before if part.owner == position or part.owner in owners]
        facts, places = _facts(known + told, position, self._base)
        utterances = tuple(
            Utterance(part.utterance.text, tuple(places[part.owner, i] for i in part.utterance.facts)) for part in told
        )
        values = {field.name: getattr(own, field.name) for field in fields(own)}
        changed = {"id": _name(self._number, position), "facts": facts}
        return StreamTask(**{**values, **changed, "utterances": utterances or (_NOTHING_NEW,)}, own=own)

    def _told(self, episode: int) -> list[_Part]:
        """Return what stage 1 of an episode tells, in order."""
        told = []
        for owner in range(episode, min(episode + LAGS, len(self._members))):
            told += [part for part, when in self._script(owner) if when == episode]
        return told

    def _script(self, owner: int) -> list[tuple[_Part, int]]:
        """Return the messages of a task, each with the episode that tells it."""
        rng = np.random.default_rng([_SALT, self._number, owner])
        first = max(0, owner - int(rng.integers(LAGS)))
        task = self._base(owner)
        utterances = task.utterances or [Utterance(fact.text, (i,)) for i, fact in enumerate(task.facts)]
        script = []
        for utterance in utterances:
            corrects = any(task.facts[i].supersedes is not None for i in utterance.facts)
            when = int(rng.integers(first, owner + 1)) if corrects else first
            script.append((_Part(owner, utterance), when))
        return script


_SALT = 1307

_NOTHING_NEW = Utterance("There is nothing new today.", ())


def _facts(
    parts: Sequence[_Part], position: int, base: Callable[[int], Task]
) -> tuple[tuple[Fact, ...], dict[tuple[int, int], int]]:
    """Return what messages state, and the place of each statement, by its task and its index there.

    Only what the task at the position needs is gold; what another needs is useful.
    """
    facts: list[Fact] = []
    places: dict[tuple[int, int], int] = {}
    for part in parts:
        for i in part.utterance.facts:
            fact = base(part.owner).facts[i]
            old = None if fact.supersedes is None else places.get((part.owner, fact.supersedes))
            places[part.owner, i] = len(facts)
            gold = fact.gold and part.owner == position
            facts.append(replace(fact, gold=gold, useful=fact.useful or fact.gold, supersedes=old))
    return tuple(facts), places
