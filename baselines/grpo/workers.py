"""Plays groups and evaluations, in this process or in others; results are the same however many there are.

All randomness of a job comes from its own numbers, and results come in the order of the jobs.
"""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from operator import itemgetter
from typing import Any, cast

import numpy as np

from agemem_env.engines.collector import paused_collector
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, EngineCrash
from agemem_env.rewards.habits import HABITS, habits
from agemem_env.types import Task
from agemem_env.vector.processes import Link, WorkerProcess, check_guard
from baselines.grpo.cloning import SETTING, Lesson, lessons
from baselines.grpo.curriculum import Phase
from baselines.grpo.groups import GroupResult, Learning, learn
from baselines.grpo.math import Floats
from baselines.grpo.playing import EpisodePlayer
from baselines.grpo.scorer import Scorer

_LOOK_AHEAD = 8
"""Tasks among which one with a revision is looked for."""


@dataclass(frozen=True)
class World:
    """Where episodes are played.

    Attributes:
        benchmark: Name of the benchmark.
        arguments: Arguments of its environment.
    """

    benchmark: str
    arguments: Mapping[str, Any]

    def make(self, **changes: Any) -> AgeMemEnv:
        """Return an environment; of a benchmark from elsewhere (``module:Class``) too."""
        return AgeMemEnv(self.benchmark, **{**self.arguments, **changes})

    @property
    def key(self) -> str:
        """The same for equal worlds."""
        return repr((self.benchmark, sorted(self.arguments.items(), key=str)))


@dataclass(frozen=True)
class GroupJob:
    """One group to be played.

    Attributes:
        world: Where.
        phase: Part of the curriculum.
        learning: What becomes of it.
        weights: Of the policy.
        reference: Of the reference policy.
        task: Index of the task, and seed of the environment; of few tasks it counts round.
        numbers: Seed of the choices.
        size: Number of rollouts (K).
    """

    world: World
    phase: Phase
    learning: Learning
    weights: Floats
    reference: Floats
    task: int
    numbers: tuple[int, ...]
    size: int

    def run(self) -> GroupResult:
        """Play the group and return its gradient."""
        start = time.process_time()
        player = _player(self.world, self.phase.arguments)
        scorer = Scorer(self.weights)
        rngs = [np.random.default_rng([*self.numbers, k]) for k in range(self.size)]
        task = self.task % len(player.env.tasks)
        if self.phase.revised and self.numbers[-1] % 2 == 0:
            task = revised_task(player.env.tasks, task)
        played = player.play_group(scorer, rngs, task=task, seed=task, taught=self.phase.taught)
        score = player.env.engine.main_score
        result = learn(played, scorer, Scorer(self.reference), self.learning, score)
        result.counts["cpu"] = time.process_time() - start
        return result


def revised_task(tasks: Sequence[Task], first: int) -> int:
    """Return the index of a task in which something told is revised: the first from an index on, among the next few."""
    places = [(first + further) % len(tasks) for further in range(_LOOK_AHEAD)]
    told = (place for place in places if any(fact.supersedes is not None for fact in tasks[place].facts))
    return next(told, first)


@dataclass(frozen=True)
class LessonJob:
    """Some tasks whose lessons are wanted.

    Attributes:
        world: Where.
        tasks: Indices of tasks.
    """

    world: World
    tasks: Sequence[int]

    def run(self) -> list[Lesson]:
        """Return the lessons."""
        env = _player(self.world, SETTING).env
        tasks = [task for task in self.tasks if task < len(env.tasks)]
        return [lesson for found in lessons(env, tasks) for lesson in found]


@dataclass(frozen=True)
class Outcome:
    """What came of one episode of an evaluation.

    Attributes:
        task: Index of the task.
        score: The benchmark's main score.
        reward: Sum of the rewards.
        kinds: How often each kind was chosen.
        info: The info of the end.
        habits: What it did with what it was told (`agemem_env.rewards.habits`).
    """

    task: int
    score: float
    reward: float
    kinds: Counter[str] = field(default_factory=Counter)
    info: Mapping[str, Any] = field(default_factory=dict)
    habits: Mapping[str, float | None] = field(default_factory=dict)


def mean_habits(outcomes: Sequence[Outcome]) -> dict[str, tuple[float | None, int]]:
    """Return the mean of each habit and the number of episodes that it is over: those to which it applies."""
    found = {name: [o.habits[name] for o in outcomes if o.habits.get(name) is not None] for name in HABITS}
    return {name: (float(np.mean(values)) if values else None, len(values)) for name, values in found.items()}  # type: ignore[arg-type]


@dataclass(frozen=True)
class TrialJob:
    """Some tasks to be played for evaluation.

    Attributes:
        world: Where.
        weights: Of the policy.
        tasks: Indices of tasks, those that there are; each is also the seed of its environment and its choices.
        greedy: Whether the best candidate is chosen instead of one drawn.
    """

    world: World
    weights: Floats
    tasks: Sequence[int]
    greedy: bool

    def run(self) -> list[Outcome]:
        """Play the tasks."""
        player, scorer, found = _player(self.world, {}), Scorer(self.weights), []
        for task in (task for task in self.tasks if task < len(player.env.tasks)):
            rng = None if self.greedy else np.random.default_rng([7, task])
            played = player.play(scorer, rng, task=task, seed=task)
            score = played.info["metrics"][player.env.engine.main_score] or 0.0
            found.append(Outcome(task, float(score), played.reward, played.kinds, played.info, habits(player.env.view)))
        return found


_players: dict[str, EpisodePlayer] = {}
"""Players of this process: a job says what it needs, and an environment is made once."""

_MOST_PLAYERS = 16
"""Beyond so many, the one that was made first is given up: runs beside each other may need many."""


def _player(world: World, changes: Mapping[str, Any]) -> EpisodePlayer:
    key = f"{world.key} {changes}"
    if key not in _players:
        while len(_players) >= _MOST_PLAYERS:
            _players.pop(next(iter(_players))).env.close()
        _players[key] = EpisodePlayer(world.make(**changes))
    return _players[key]


class Workers:
    """Runs jobs: whatever has a method ``run`` without arguments and can be pickled, as can what it returns.

    Args:
        processes: Number of processes, no more of which are started than there are jobs; 1 runs jobs in this one.

    Raises:
        ConfigurationError: If there are to be none.
    """

    def __init__(self, processes: int) -> None:
        if processes < 1:
            raise ConfigurationError(f"processes={processes} is not allowed; use a number from 1 on")
        self._processes = processes
        self._crew: list[WorkerProcess] = []

    @property
    def apart(self) -> bool:
        """Whether jobs run in other processes."""
        return self._processes > 1

    def run(self, jobs: Sequence[Any]) -> list[Any]:
        """Return the results of jobs, in order.

        Raises:
            EngineCrash: If one of the processes died.
            WorkerError: If the main script is imported by the processes and starts some itself.
        """
        return [result for _, result in sorted(self.each(jobs), key=itemgetter(0))]

    def each(self, jobs: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """Yield the place and the result of each job as soon as it is over; raises what `run` raises."""
        if not self.apart:
            yield from ((place, _run(job)) for place, job in enumerate(jobs))
            return
        over = False
        try:
            while len(self._crew) < min(self._processes, len(jobs)):
                self._crew.append(WorkerProcess(_serve))
            yield from self._shared_out(jobs)
            over = True
        finally:
            if not over:  # what the processes are at is of no use any more
                self._end(WorkerProcess.kill)

    def _shared_out(self, jobs: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """Give each process a job, and the next one when it has brought the result."""
        todo = iter(enumerate(jobs))
        at: dict[Connection, tuple[WorkerProcess, int]] = {}
        idle = list(self._crew)
        while True:
            for process, (place, job) in zip(idle, todo):  # noqa: B905 - a job is not taken for want of a process
                process.send(job)
                at[process.pipe] = process, place
            if not at:
                return
            ready = [at.pop(cast(Connection, pipe)) for pipe in wait(list(at))]
            yield from ((place, _received(process)) for process, place in ready)
            idle = [process for process, _ in ready]

    def close(self) -> None:
        """End the processes."""
        self._end(WorkerProcess.stop)
        _close_players()

    def _end(self, how: Callable[[WorkerProcess], None]) -> None:
        while self._crew:
            how(self._crew.pop())


@contextmanager
def workers(processes: int) -> Iterator[Workers]:
    """Lend workers and end them afterwards."""
    lent = Workers(processes)
    try:
        yield lent
    finally:
        lent.close()


def _run(job: Any) -> Any:
    """Return the result of a job; what an episode is made of is let go without a search for garbage."""
    with paused_collector():
        return job.run()


@dataclass(frozen=True)
class _Failure:
    """What a job raised, and where, in words."""

    error: Exception
    traceback: str


def _received(process: WorkerProcess) -> Any:
    """Return what a process has brought, or raise what it failed with."""
    try:
        result = process.receive()
    except EOFError:
        check_guard(process.exit_code())
        raise EngineCrash(
            "a process that plays has died, for want of memory or because somebody ended it; the same command goes on "
            "from whatever is kept"
        ) from None
    if isinstance(result, _Failure):
        raise result.error from RuntimeError(result.traceback)
    return result


def _serve(link: Link) -> None:
    """Run the jobs that the parent sends until it wants no more."""
    with suppress(EOFError):
        while True:
            job = link.receive()
            try:
                result = _run(job)
            except Exception as error:
                result = _Failure(error, traceback.format_exc())
            link.send(result)
    _close_players()


def _close_players() -> None:
    while _players:
        _players.popitem()[1].env.close()
