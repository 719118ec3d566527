"""Plays episodes in one process: one after the other, or many at once."""

from __future__ import annotations

import contextvars
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, cast

import gymnasium as gym

from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError, StorageError
from agemem_env.services.cassette.cassette import lane
from agemem_env.services.encoders import Encoder, make_encoder
from baselines.base import Policy
from baselines.rollout import LiveEpisode
from benchmarks.results.costs import costs, task_of
from benchmarks.results.row import EpisodeRow
from benchmarks.run.backends.policy_threads import Choice, Choices, PolicyThread
from benchmarks.run.models import Access
from benchmarks.runs.streams import KeptMemories
from benchmarks.specs import RunSpec, make_env
from benchmarks.trajectories.file import Compressors
from benchmarks.trajectories.writer import TrajectoryWriter


@dataclass(frozen=True)
class PlayOptions:
    """How episodes are played; no row depends on it.

    Attributes:
        concurrency: Episodes in flight at once in one process.
        time_limit: Seconds after which an episode is given up; None for no limit.
        access: How models are reached.
        trajectories: Folder to which a trajectory of each episode is written; None for none.
    """

    concurrency: int = 1
    time_limit: float | None = None
    access: Access = field(default_factory=Access)
    trajectories: Path | None = None

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
class _InFlight:
    """An episode that is being played, and what it is played with.

    Attributes:
        spec: The episode.
        env: Its environment.
        policy: Its policy.
        deadline: When it is given up, on the monotonic clock; None for never.
        context: Context variables under which all of it runs, so that its requests are recorded under its name.
        live: Its state.
        recorder: Writes its trajectory; None if nobody does.
    """

    spec: RunSpec
    env: gym.Env[Any, Any]
    policy: Policy
    deadline: float | None
    context: contextvars.Context
    live: LiveEpisode
    recorder: TrajectoryWriter | None = None

    def advance(self, action: Any) -> None:
        """Take the turn that the policy has chosen."""
        if self.recorder is None:
            self.context.run(self.live.advance, action)
            return
        self.recorder.chosen()
        self.context.run(self.live.advance, action)
        self.recorder.stepped(action)

    def abandon(self) -> None:
        """Leave the episode as it is."""
        if self.recorder is not None:
            self.recorder.abandon()
        _discard(self.env)

    def end(self, row: EpisodeRow) -> EpisodeRow:
        """Return the row of the episode, which has ended, or that of why its trajectory could not be written."""
        if self.recorder is not None:
            try:
                self.recorder.end(row)
            except StorageError as error:
                return EpisodeRow.crashed(self.spec, error)
        return row


class EpisodeRunner:
    """Plays episodes and keeps environments for those that follow in the same setting.

    An exception becomes a row, and so does an episode over its time limit; the environment in which that happened
    is thrown away. With more than one episode in flight, or with a time limit, policies run in threads of their
    own; environments are made, reset, stepped and closed by the calling thread alone.

    Args:
        options: How to play.
    """

    def __init__(self, options: PlayOptions) -> None:
        self._options = options
        self._free: list[gym.Env[Any, Any]] = []
        self._group = ""
        self._running: dict[PolicyThread, _InFlight] = {}
        self._given_up: dict[PolicyThread, _InFlight] = {}
        self._idle_threads: list[PolicyThread] = []
        self._choices = Choices()
        self._compressors = Compressors()
        self._kept = KeptMemories(options.trajectories)

    def play(self, specs: Iterable[RunSpec]) -> Iterator[EpisodeRow]:
        """Yield a row per episode, each as soon as its episode is over."""
        alone = self._options.concurrency == 1 and self._options.time_limit is None
        yield from map(self.play_alone, specs) if alone else self._play_together(iter(specs))

    def play_alone(self, spec: RunSpec) -> EpisodeRow:
        """Play an episode in this thread and return its row."""
        episode = self._start(spec)
        if isinstance(episode, EpisodeRow):
            return episode
        live = episode.live
        try:
            while not live.over:
                episode.advance(episode.context.run(live.choose))
            return self._finish(episode)
        except (Exception, SystemExit) as error:
            return self._crash(episode, error)
        except BaseException:
            episode.abandon()
            raise

    def close(self) -> None:
        """Close the environments. May be called more than once."""
        episodes = [*self._running.values(), *self._given_up.values()]
        envs, self._free, self._running, self._given_up = self._free, [], {}, {}
        for env in envs:
            _discard(env)
        for episode in episodes:
            episode.abandon()
        while self._idle_threads:
            self._idle_threads.pop().stop()

    def _play_together(self, specs: Iterator[RunSpec]) -> Iterator[EpisodeRow]:
        while True:
            while len(self._running) < self._options.concurrency and (spec := next(specs, None)) is not None:
                episode = self._start(spec)
                if isinstance(episode, EpisodeRow):
                    yield episode
                else:
                    thread = self._idle_threads.pop() if self._idle_threads else PolicyThread(self._choices)
                    self._running[thread] = episode
                    self._submit(thread, episode)
            if not self._running:
                return
            choice = self._choices.wait(self._seconds_left())
            row = None if choice is None else self._step(choice)
            if row is not None:
                yield row
            yield from self._give_up()

    def _start(self, spec: RunSpec) -> _InFlight | EpisodeRow:
        """Start an episode; return its row if that fails."""
        try:
            policy = self._options.access.policy(spec)
            env = self._environment(spec, policy)
        except (Exception, SystemExit) as error:
            return EpisodeRow.crashed(spec, error)
        limit = self._options.time_limit
        deadline = None if limit is None else time.monotonic() + limit
        with lane(spec.recording_name):
            context = contextvars.copy_context()
        try:
            memory = self._kept.before(spec, _encoder(env)) if spec.keeps_memory else None
            live = context.run(partial(LiveEpisode, env, policy, seed=spec.seed, task=spec.task, memory=memory))
            recorder = self._recorder(spec, env, policy, live)
        except (Exception, SystemExit) as error:
            _discard(env)
            return EpisodeRow.crashed(spec, error)
        return _InFlight(spec, env, policy, deadline, context, live, recorder)

    def _recorder(
        self, spec: RunSpec, env: gym.Env[Any, Any], policy: Policy, live: LiveEpisode
    ) -> TrajectoryWriter | None:
        folder = self._options.trajectories
        return None if folder is None else TrajectoryWriter(folder, spec, env, policy, live, self._compressors)

    def _environment(self, spec: RunSpec, policy: Policy) -> gym.Env[Any, Any]:
        if self._group != spec.group:
            free, self._free, self._group = self._free, [], spec.group
            for env in free:
                env.close()
        return self._free.pop() if self._free else make_env(spec.env_id, with_policy(spec.env_kwargs, policy))

    def _submit(self, thread: PolicyThread, episode: _InFlight) -> None:
        thread.submit(partial(episode.context.run, episode.live.choose))

    def _step(self, choice: Choice) -> EpisodeRow | None:
        """Take the turn that a policy has chosen; return the row if the episode is over."""
        late = self._given_up.pop(choice.thread, None)
        if late is not None:
            _discard(late.env)
            return None
        episode = self._running[choice.thread]
        try:
            if choice.error is not None:
                raise choice.error
            episode.advance(choice.action)
            if not episode.live.over:
                self._submit(choice.thread, episode)
                return None
            row = self._finish(episode)
        except (Exception, SystemExit) as error:
            row = self._crash(episode, error)
        del self._running[choice.thread]
        self._idle_threads.append(choice.thread)
        return row

    def _finish(self, episode: _InFlight) -> EpisodeRow:
        """Return the row of an episode that is over and keep its environment."""
        cost, task = costs(episode.env, episode.policy), task_of(episode.env)
        row = episode.end(EpisodeRow.finished(episode.spec, episode.live.result(), cost, task))
        if episode.spec.keeps_memory and row.error is None:
            self._kept.keep(episode.spec, cast(AgeMemEnv, episode.env.unwrapped).memory)
        if episode.spec.group == self._group:
            self._free.append(episode.env)
        else:
            episode.env.close()
        return row

    def _crash(self, episode: _InFlight, error: Exception | SystemExit) -> EpisodeRow:
        row = episode.end(EpisodeRow.crashed(episode.spec, error, costs(episode.env, episode.policy)))
        _discard(episode.env)
        return row

    def _seconds_left(self) -> float | None:
        """Return the seconds until the next deadline; None if there is none."""
        deadlines = [episode.deadline for episode in self._running.values() if episode.deadline is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _give_up(self) -> Iterator[EpisodeRow]:
        """Give up the episodes that are over their time; their threads end when their policies return."""
        limit, now = self._options.time_limit, time.monotonic()
        for thread, episode in list(self._running.items()):
            if limit is not None and episode.deadline is not None and episode.deadline <= now:
                self._given_up[thread] = self._running.pop(thread)
                thread.stop()
                yield episode.end(EpisodeRow.expired(episode.spec, limit, costs(episode.env, episode.policy)))


def with_policy(kwargs: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """Return the arguments of an environment with those that a policy needs.

    Raises:
        ConfigurationError: If the two contradict each other.
    """
    needed = dict(policy.env_kwargs)
    for name, value in needed.items():
        if name in kwargs and comparable(kwargs[name]) != comparable(value):
            raise ConfigurationError(f"{name}={kwargs[name]!r} is not allowed: {policy.name!r} needs {name}={value!r}")
    return {**kwargs, **needed}


def comparable(value: Any) -> str:
    """Return a text that is equal for equal arguments; those of policies may hold classes and objects.

    >>> comparable(["a"]) == comparable(("a",)), comparable([str]) == comparable([int])
    (True, False)
    """
    return json.dumps(value, sort_keys=True, default=repr)


def _encoder(env: gym.Env[Any, Any]) -> Encoder:
    return make_encoder(cast(AgeMemEnv, env.unwrapped).config.encoder)


def _discard(env: gym.Env[Any, Any]) -> None:
    with suppress(Exception):  # the row reports what went wrong; a second error on the way out adds nothing
        env.close()
