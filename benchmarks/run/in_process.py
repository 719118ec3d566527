"""Plays episodes in one process: one after the other, or many at once."""

from __future__ import annotations

import contextvars
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import gymnasium as gym

from agemem_env.errors import ConfigurationError
from agemem_env.services.cassette.cassette import lane
from baselines.base import Policy
from baselines.rollout import LiveEpisode
from benchmarks.results.row import EpisodeRow, costs
from benchmarks.run.models import Access
from benchmarks.run.policy_threads import Thinker, Thought, Thoughts
from benchmarks.specs import RunSpec, canonical


@dataclass(frozen=True)
class PlayOptions:
    """How episodes are played; no row depends on it.

    Attributes:
        concurrency: Episodes in flight at once in one process.
        time_limit: Seconds after which an episode is given up; None for no limit.
        access: How models are reached.
    """

    concurrency: int = 1
    time_limit: float | None = None
    access: Access = field(default_factory=Access)

    def __post_init__(self) -> None:
        """Check the options.

        Raises:
            ConfigurationError: If a number is out of range.
        """
        if self.concurrency < 1:
            raise ConfigurationError(f"concurrency={self.concurrency} is not allowed; use a number from 1 on")
        if self.time_limit is not None and not self.time_limit > 0:
            raise ConfigurationError(f"a time limit of {self.time_limit} s is not allowed; use a number above 0")


@dataclass(eq=False)
class _Table:
    """An episode that is being played, and what it is played with."""

    spec: RunSpec
    env: gym.Env[Any, Any]
    policy: Policy
    deadline: float | None
    lane: contextvars.Context
    episode: LiveEpisode | None = None


class EpisodePlayer:
    """Plays episodes and keeps environments for those that follow in the same setting.

    An exception becomes a row, and so does an episode over its time limit; the environment in which that happened
    is thrown away. With more than one episode in flight, or with a time limit, policies think in threads of their
    own; environments are made, reset, stepped and closed by the calling thread alone.

    Args:
        options: How to play.
    """

    def __init__(self, options: PlayOptions) -> None:
        self._options = options
        self._free: list[gym.Env[Any, Any]] = []
        self._group = ""
        self._tables: dict[Thinker, _Table] = {}
        self._given_up: dict[Thinker, _Table] = {}
        self._idle: list[Thinker] = []
        self._thoughts = Thoughts()

    def play(self, specs: Iterable[RunSpec]) -> Iterator[EpisodeRow]:
        """Yield a row per episode, each as soon as its episode is over."""
        alone = self._options.concurrency == 1 and self._options.time_limit is None
        yield from map(self.play_alone, specs) if alone else self._play_together(iter(specs))

    def play_alone(self, spec: RunSpec) -> EpisodeRow:
        """Play an episode in this thread and return its row."""
        table = self._lay(spec)
        if isinstance(table, EpisodeRow):
            return table
        episode = table.episode
        assert episode is not None
        try:
            while not episode.over:
                table.lane.run(lambda: episode.advance(episode.choose()))
            return self._clear(table)
        except Exception as error:
            return self._crash(table, error)
        except BaseException:
            _discard(table.env)
            raise

    def close(self) -> None:
        """Close the environments. May be called more than once."""
        tables = [*self._tables.values(), *self._given_up.values()]
        envs = [*self._free, *(table.env for table in tables)]
        self._free, self._tables, self._given_up = [], {}, {}
        for env in envs:
            _discard(env)
        while self._idle:
            self._idle.pop().dismiss()

    def _play_together(self, specs: Iterator[RunSpec]) -> Iterator[EpisodeRow]:
        while True:
            while len(self._tables) < self._options.concurrency and (spec := next(specs, None)) is not None:
                table = self._lay(spec)
                if isinstance(table, EpisodeRow):
                    yield table
                else:
                    thinker = self._idle.pop() if self._idle else Thinker(self._thoughts)
                    self._tables[thinker] = table
                    self._ask(thinker, table)
            if not self._tables:
                return
            thought = self._thoughts.next(self._patience())
            row = None if thought is None else self._take_turn(thought)
            if row is not None:
                yield row
            yield from self._give_up()

    def _lay(self, spec: RunSpec) -> _Table | EpisodeRow:
        """Start an episode; return its row if that fails."""
        try:
            policy = self._options.access.policy(spec)
            env = self._environment(spec, policy)
        except Exception as error:
            return EpisodeRow.crashed(spec, error)
        limit = self._options.time_limit
        deadline = None if limit is None else time.monotonic() + limit
        with lane(spec.lane):
            table = _Table(spec, env, policy, deadline, contextvars.copy_context())
        try:
            table.episode = table.lane.run(partial(LiveEpisode, env, policy, seed=spec.seed))
        except Exception as error:
            _discard(env)
            return EpisodeRow.crashed(spec, error)
        return table

    def _environment(self, spec: RunSpec, policy: Policy) -> gym.Env[Any, Any]:
        if self._group != spec.group:
            free, self._free, self._group = self._free, [], spec.group
            for env in free:
                env.close()
        return self._free.pop() if self._free else gym.make(spec.env_id, **with_policy(spec.env_kwargs, policy))

    def _ask(self, thinker: Thinker, table: _Table) -> None:
        assert table.episode is not None
        thinker.ask(partial(table.lane.run, table.episode.choose))

    def _take_turn(self, thought: Thought) -> EpisodeRow | None:
        """Take the turn that a policy has decided on; return the row if the episode is over."""
        late = self._given_up.pop(thought.thinker, None)
        if late is not None:
            _discard(late.env)
            return None
        table = self._tables[thought.thinker]
        assert table.episode is not None
        try:
            if thought.error is not None:
                raise thought.error
            table.lane.run(table.episode.advance, thought.action)
            if not table.episode.over:
                self._ask(thought.thinker, table)
                return None
            row = self._clear(table)
        except Exception as error:
            row = self._crash(table, error)
        del self._tables[thought.thinker]
        self._idle.append(thought.thinker)
        return row

    def _clear(self, table: _Table) -> EpisodeRow:
        """Return the row of an episode that is over and keep its environment."""
        assert table.episode is not None
        row = EpisodeRow.finished(table.spec, table.episode.result(), costs(table.env, table.policy))
        if table.spec.group == self._group:
            self._free.append(table.env)
        else:
            table.env.close()
        return row

    def _crash(self, table: _Table, error: Exception) -> EpisodeRow:
        cost = costs(table.env, table.policy)
        _discard(table.env)
        return EpisodeRow.crashed(table.spec, error, cost)

    def _patience(self) -> float | None:
        """Return the seconds until the next deadline; None if there is none."""
        deadlines = [table.deadline for table in self._tables.values() if table.deadline is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _give_up(self) -> Iterator[EpisodeRow]:
        """Give up the episodes that are over their time; their threads end when their policies return."""
        limit, now = self._options.time_limit, time.monotonic()
        for thinker, table in list(self._tables.items()):
            if limit is not None and table.deadline is not None and table.deadline <= now:
                self._given_up[thinker] = self._tables.pop(thinker)
                thinker.dismiss()
                yield EpisodeRow.expired(table.spec, limit, costs(table.env, table.policy))


def with_policy(kwargs: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """Return the arguments of an environment with those that a policy needs.

    Raises:
        ConfigurationError: If the two contradict each other.
    """
    needed = dict(policy.env_kwargs)
    for name, value in needed.items():
        if name in kwargs and canonical(kwargs[name]) != canonical(value):
            raise ConfigurationError(f"{name}={kwargs[name]!r} is not allowed: {policy.name!r} needs {name}={value!r}")
    return {**kwargs, **needed}


def _discard(env: gym.Env[Any, Any]) -> None:
    with suppress(Exception):  # the row reports what went wrong; a second error on the way out adds nothing
        env.close()
