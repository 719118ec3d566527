"""Plays episodes: specification in, result row out, in this process or in several.

A row depends on its specification alone: the policy is made anew for each episode and `reset` seeds all else,
so rows are the same whatever was played before and however many processes play.
"""

from __future__ import annotations

import platform
import traceback
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, suppress
from typing import Any, cast

import gymnasium as gym
import numpy as np

import agemem_env
import baselines
from agemem_env.config import EnvConfig
from agemem_env.env import AgeMemEnv
from agemem_env.errors import ConfigurationError
from baselines.rollout import EpisodeResult, rollout
from benchmarks.results import SCHEMA, EpisodeRow
from benchmarks.suites import RunSpec
from benchmarks.workers import Player, in_processes


class EpisodePlayer:
    """Plays one episode after the other and keeps the environment while it stays the same.

    An exception becomes a row. The environment in which it happened is thrown away.
    """

    def __init__(self) -> None:
        self._env: gym.Env[Any, Any] | None = None
        self._group = ""

    def play(self, spec: RunSpec) -> EpisodeRow:
        """Return the row of one episode."""
        try:
            env = self._prepare(spec)
            policy = baselines.make(spec.policy, env, spec.seed)
            row = finished(spec, rollout(env, policy, seed=spec.seed))
            row.to_json()  # what JSON cannot hold is an error of this episode, not of the file
        except Exception as error:
            with suppress(Exception):  # the row reports the crash; a second one on the way out adds nothing
                self.close()
            return crashed(spec, error)
        return row

    def close(self) -> None:
        """Close the environment. May be called more than once."""
        env, self._env = self._env, None
        if env is not None:
            env.close()

    def _prepare(self, spec: RunSpec) -> gym.Env[Any, Any]:
        if self._env is None or self._group != spec.group:
            self.close()
            self._env, self._group = gym.make(spec.env_id, **spec.env_kwargs), spec.group
        return self._env


def resolve(env_id: str, kwargs: Mapping[str, Any]) -> dict[str, Any]:
    """Make an environment once, to check its arguments, and return them with its source and split.

    ``source="auto"`` depends on which data is present, and a split may have a second name; rows hold what they stood
    for.

    Raises:
        AgeMemError: If the environment cannot be made.
        ConfigurationError: If the arguments would let an episode depend on those before it.
    """
    if kwargs.get("memory") == "lifetime":
        raise ConfigurationError(
            "memory='lifetime' is not allowed: each episode is a row of its own; use memory='episode'"
        )
    with closing(gym.make(env_id, **kwargs)) as env:
        core = cast(AgeMemEnv, env.unwrapped)
        return {**kwargs, "source": core.engine.source, "split": core.config.split}


def play(
    specs: Sequence[RunSpec], workers: int = 1, player: type[Player] = EpisodePlayer
) -> Generator[EpisodeRow, None, None]:
    """Yield the row of each episode, in the order of `specs`.

    Args:
        specs: The episodes.
        workers: Number of processes; 1 plays in this one.
        player: Class of the player, importable by other processes.
    """
    if min(workers, len(specs)) > 1:
        yield from in_processes(specs, workers, player, lost)
        return
    with closing(player()) as alone:
        for spec in specs:
            yield alone.play(spec)


def finished(spec: RunSpec, result: EpisodeResult) -> EpisodeRow:
    """Return the row of an episode that was played to its end."""
    info = result.info
    copied = ("task_id", "source", "reward_components", "metrics", "tool_calls", "errors", "tokens")
    return EpisodeRow(
        **_identity(spec),
        **{name: info[name] for name in (*copied, "token_counter", "overflow", "success", "progress")},
        reward=result.reward,
        steps=result.steps,
        terminated=result.terminated,
        seconds={"env": round(result.seconds, 6), "policy": round(result.policy_seconds, 6)},
    )


def crashed(spec: RunSpec, error: Exception) -> EpisodeRow:
    """Return the row of an episode that an exception ended."""
    described = {
        "type": type(error).__name__,
        "message": str(error),
        "traceback": "".join(traceback.format_exception(error)),
    }
    return EpisodeRow(**_identity(spec), error=described)


def lost(spec: RunSpec, exit_code: int | None) -> EpisodeRow:
    """Return the row of an episode whose process died."""
    message = f"the process that played the episode ended with exit code {exit_code}"
    return EpisodeRow(**_identity(spec), error={"type": "ProcessDied", "message": message, "traceback": ""})


def _identity(spec: RunSpec) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "config_hash": spec.config_hash,
        "env_id": spec.env_id,
        "env_kwargs": dict(spec.env_kwargs),
        "benchmark": spec.benchmark,
        "policy": spec.policy,
        "seed": spec.seed,
        "split": spec.env_kwargs.get("split", EnvConfig.split),
        "reward_profile": spec.env_kwargs.get("reward", EnvConfig.reward),
        "versions": {
            "agemem_env": agemem_env.__version__,
            "gymnasium": gym.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
    }
